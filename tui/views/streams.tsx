import { Box } from 'ink';

import type { Progress, StreamStatus } from '../../shared/views.ts';
import { Line, Say } from '../components/say.tsx';
import { bar, brief, duration, number, rate } from '../format.ts';
import { cut, fit, width } from '../width.ts';
import * as words from '../words.ts';

interface Props {
  readonly stream: StreamStatus;
  readonly label: string;
  readonly columns: number;
  readonly nowMs: number;
}

const nameRoom = 11;

/** The bar and the numbers of a run under way. */
function Running({ stream, run, columns }: Props & { readonly run: Progress }) {
  const { done, expected } = run;
  const share = expected === null ? 0 : expected === 0 ? 1 : done / expected;
  const speed = `${rate(run.perSecond)} ${words.noun(stream.stream)}/s`;
  const numbers = `${words.doneWords(run)}  ${speed}  ${words.etaWords(run)}`;
  // The numbers get their room first, and some more than now, so that the bar does not jump as they grow.
  const room = Math.max(6, Math.min(40, columns - nameRoom - 10 - Math.max(46, width(numbers))));
  return (
    <>
      <Say is="busy">▶ {bar(share, room)}</Say>
      {fit(words.percentWords(run), 6, 'right')}
      {'  '}
      {numbers}
    </>
  );
}

function Idle({ stream, nowMs }: Props) {
  const failed = stream.lastError !== null;
  return (
    <>
      <Say is={failed ? 'bad' : 'good'}>{failed ? '✕ failed' : '✓ idle'}</Say>
      {'  '}
      <Say is="quiet">next run {words.nextRunWords(stream, nowMs, 1)}</Say>
    </>
  );
}

const factsOf = (stream: StreamStatus, nowMs: number): string =>
  [
    ...(stream.run === null ? [] : [`${stream.run.kind} run`]),
    `${number(stream.total)} stored`,
    ...(stream.lagSeconds === null ? [] : [`${duration(stream.lagSeconds, 1)} behind`]),
    words.coverageWords(stream),
    ...(stream.rejected > 0 ? [`${number(stream.rejected)} set aside`] : []),
    ...(stream.freshTo === null ? [] : [`fresh to ${brief(stream.freshTo, nowMs)}`]),
  ].join(', ');

/** How many lines a stream takes: a short one is the first line, and its error. */
export const streamRows = ({ lastError, ladder, run }: StreamStatus, tall: boolean): number =>
  1 + (tall ? 1 : 0) + (tall && run !== null ? 1 : 0) + (ladder === null ? 0 : 1) + (lastError === null ? 0 : 1);

/** A stream: how its run goes or when the next one comes, what is stored, and what went wrong. */
export function Stream(props: Props & { readonly tall: boolean }) {
  const { stream, label, nowMs, tall, columns } = props;
  const { run, lastError, ladder } = stream;
  return (
    <Box flexDirection="column" flexShrink={0}>
      <Line>
        <Say is="strong">{fit(label, nameRoom - 1)} </Say>
        {run === null ? <Idle {...props} /> : <Running {...props} run={run} />}
      </Line>
      {tall && (
        <Line>
          {' '.repeat(nameRoom)}
          <Say is="quiet">{cut(factsOf(stream, nowMs), columns - nameRoom)}</Say>
        </Line>
      )}
      {tall && run !== null && (
        <Line>
          {' '.repeat(nameRoom)}
          <Say is="quiet">next run {words.nextRunWords(stream, nowMs, 1)}</Say>
        </Line>
      )}
      {ladder !== null && (
        <Line>
          {' '.repeat(nameRoom)}
          <Say is="waiting">↻ {words.ladderWords(ladder, nowMs)}</Say>
        </Line>
      )}
      {lastError !== null && (
        <Line>
          {' '.repeat(nameRoom)}
          <Say is="bad">✕ {words.failureBrief(lastError, nowMs)}</Say>
        </Line>
      )}
    </Box>
  );
}
