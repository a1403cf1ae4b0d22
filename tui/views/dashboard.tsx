import { Box } from 'ink';

import type { Status } from '../../shared/views.ts';
import { Line, Say } from '../components/say.tsx';
import { Section } from '../components/section.tsx';
import { type Place, placeWords } from '../place.ts';
import { shopNames } from '../shop-names.ts';
import type { DaemonState } from '../state.ts';
import { failureWords } from '../words.ts';
import { Counts, countedPlace, countsOf } from './counts.tsx';
import { Outline } from './outline.ts';
import { planDashboard } from './plan.ts';
import { Runs, runsFitting } from './runs.tsx';
import { Lines } from './screen-line.tsx';

interface Props {
  readonly daemon: DaemonState;
  /** Null: everything. */
  readonly selected: Place | null;
  readonly columns: number;
  /** The lines there are for all of it. */
  readonly rows: number;
}

function Nothing({ daemon }: { readonly daemon: DaemonState }) {
  const words = daemon.link.kind === 'down' ? daemon.link.why : 'connecting to the daemon';
  return (
    <Box flexDirection="column" paddingY={1}>
      <Say is="waiting">{words}</Say>
      <Say is="quiet">This screen waits for it and shows everything as soon as it answers.</Say>
    </Box>
  );
}

function NoShop({ status, nowMs }: { readonly status: Status; readonly nowMs: number }) {
  if (status.streams.length > 0) return null;
  return (
    <>
      <Say is="quiet">no shop is known yet</Say>
      {status.problem !== null && (
        <Line>
          <Say is="bad">{failureWords(status.problem, nowMs, 'reading them')}</Say>
        </Line>
      )}
    </>
  );
}

const streamsTitle = ({ streams }: Status, outline: Outline): string => {
  const failed = streams.filter(({ lastError }) => lastError !== null).length;
  const many = outline.groups.length < 2 ? '' : ` of ${outline.groups.length} shops`;
  return `Streams${many}${failed === 0 ? '' : `, ${failed} of ${streams.length} failed`}`;
};

const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** The streams, the records by status and the last runs, in exactly as many lines as there are. */
export function Dashboard({ daemon, selected, columns, rows }: Props) {
  const { status, nowMs } = daemon;
  if (status === null) return <Nothing daemon={daemon} />;
  const outline = new Outline(status, { columns, nowMs, selected });
  const counted = countedPlace(status, selected);
  const counts = countsOf(status, counted);
  const { gap, look, lines, runRows } = planDashboard(outline, selected, counts, columns, rows);
  const nameOf = outline.groups.length < 2 ? undefined : shopNames(status.shops);
  const runs = runsFitting({ runs: daemon.runs, columns, nowMs, nameOf }, runRows);
  const what = counted.shop === null ? counted.stream : placeWords(status, { ...counted, shop: counted.shop });
  return (
    <Box flexDirection="column" rowGap={gap} paddingTop={gap} height={rows} overflow="hidden">
      <Section title={streamsTitle(status, outline)} columns={columns}>
        <NoShop {...{ status, nowMs }} />
        <Lines lines={lines} />
      </Section>
      <Section title={`${sentence(what)} by status`} columns={columns}>
        <Counts {...{ counts, columns, look }} />
      </Section>
      {runRows > 0 && (
        <Section title="Last runs" columns={columns}>
          {runs.length === 0 ? <Say is="quiet">none yet</Say> : <Runs {...{ runs, columns, nowMs, nameOf }} />}
        </Section>
      )}
    </Box>
  );
}
