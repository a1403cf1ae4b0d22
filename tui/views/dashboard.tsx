import { Box } from 'ink';

import type { Status, StreamStatus } from '../../shared/views.ts';
import { Line, Say } from '../components/say.tsx';
import { Section } from '../components/section.tsx';
import type { DaemonState } from '../state.ts';
import { failureWords } from '../words.ts';
import { Counts, countsOf } from './counts.tsx';
import { planDashboard } from './plan.ts';
import { Runs, runsFitting } from './runs.tsx';
import { Stream } from './streams.tsx';

interface Props {
  readonly daemon: DaemonState;
  readonly columns: number;
  /** The lines there are for all of it. */
  readonly rows: number;
}

const labelOf = (status: Status, { shop, stream }: StreamStatus): string => {
  if (status.shops.length < 2) return stream;
  const name = status.shops.find(({ id }) => id === shop)?.name ?? shop;
  return `${stream} ${name}`;
};

function Nothing({ daemon }: { readonly daemon: DaemonState }) {
  const words = daemon.link.kind === 'down' ? daemon.link.why : 'connecting to the daemon';
  return (
    <Box flexDirection="column" paddingY={1}>
      <Say is="waiting">{words}</Say>
      <Say is="quiet">This screen waits for it and shows everything as soon as it answers.</Say>
    </Box>
  );
}

/** The streams, the orders by status and the last runs, in exactly as many lines as there are. */
export function Dashboard({ daemon, columns, rows }: Props) {
  const { status, nowMs } = daemon;
  if (status === null) return <Nothing daemon={daemon} />;
  const counts = countsOf(status);
  const { gap, look, shown, tall, hidden, runRows } = planDashboard(status.streams, counts, columns, rows);
  const runs = runsFitting(daemon.runs, columns, runRows);
  return (
    <Box flexDirection="column" rowGap={gap} paddingTop={gap} height={rows} overflow="hidden">
      <Section title="Streams" columns={columns}>
        {status.streams.length === 0 && <Say is="quiet">no shop is known yet</Say>}
        {status.streams.length === 0 && status.problem !== null && (
          <Line>
            <Say is="bad">{failureWords(status.problem, nowMs)}</Say>
          </Line>
        )}
        {shown.map((stream) => (
          <Stream
            key={`${stream.shop} ${stream.stream}`}
            label={labelOf(status, stream)}
            {...{ stream, columns, nowMs, tall }}
          />
        ))}
        {hidden > 0 && <Line>… and {hidden} more: see shopsync status</Line>}
      </Section>
      <Section title="Orders by status" columns={columns}>
        <Counts {...{ counts, columns, look }} />
      </Section>
      {runRows > 0 && (
        <Section title="Last runs" columns={columns}>
          {runs.length === 0 ? <Say is="quiet">none yet</Say> : <Runs {...{ runs, columns, nowMs }} />}
        </Section>
      )}
    </Box>
  );
}
