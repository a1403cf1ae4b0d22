import type { Run } from '../shared/run-views.ts';
import type { Event, Status, StreamStatus } from '../shared/views.ts';
import type { LinkState } from './link.ts';

/** What the screen knows of the daemon. Times are unix milliseconds. */
export interface DaemonState {
  readonly link: LinkState;
  /** The last status, kept while the daemon is away. */
  readonly status: Status | null;
  /** Newest first. */
  readonly runs: readonly Run[];
  readonly nowMs: number;
  /** When the daemon was last heard of, as known at `nowMs`. */
  readonly heardMs: number | null;
}

export type DaemonAction =
  | { readonly type: 'link'; readonly link: LinkState }
  | { readonly type: 'tick'; readonly nowMs: number; readonly heardMs: number | null }
  | { readonly type: 'event'; readonly event: Event }
  | { readonly type: 'status'; readonly status: Status }
  | { readonly type: 'runs'; readonly runs: readonly Run[] };

const keptRuns = 60;
/** A connected daemon that is silent for longer than this is said to be silent, in milliseconds. */
export const silentAfterMs = 2000;

export const nothingYet = (nowMs: number): DaemonState => ({
  link: { kind: 'connecting' },
  status: null,
  runs: [],
  nowMs,
  heardMs: null,
});

/** `live`: what is shown is so. `silent`: connected, and nothing comes. `away`: not connected. */
export const freshness = ({ link, nowMs, heardMs }: DaemonState): 'live' | 'silent' | 'away' => {
  if (link.kind !== 'up') return 'away';
  return heardMs !== null && nowMs - heardMs > silentAfterMs ? 'silent' : 'live';
};

/** The runs under way, as the streams tell. */
export const underWay = (status: Status | null): readonly StreamStatus[] =>
  (status?.streams ?? []).filter(({ run }) => run !== null);

const merge = (known: readonly Run[], run: Run): readonly Run[] =>
  [run, ...known.filter(({ runId }) => runId !== run.runId)]
    .toSorted((a, b) => b.startedAt.localeCompare(a.startedAt))
    .slice(0, keptRuns);

const withStream = (status: Status, stream: StreamStatus): Status => {
  const isIt = (other: StreamStatus): boolean => other.shop === stream.shop && other.stream === stream.stream;
  if (!status.streams.some(isIt)) return { ...status, streams: [...status.streams, stream] };
  return { ...status, streams: status.streams.map((other) => (isIt(other) ? stream : other)) };
};

/** The lag grows with every second, and clocks are compared by Dates; a screen that shows minutes need not be drawn for that. */
const visibly = (status: Status): string =>
  JSON.stringify(status, (key, value: unknown) =>
    (key === 'lagSeconds' || key === 'aheadSeconds') && typeof value === 'number' ? Math.trunc(value / 10) : value,
  );

const withStatus = (state: DaemonState, status: Status): DaemonState =>
  state.status !== null && visibly(state.status) === visibly(status) ? state : { ...state, status };

const withEvent = (state: DaemonState, event: Event): DaemonState => {
  const { status } = state;
  switch (event.topic) {
    case 'snapshot':
      return withStatus(state, event.data);
    case 'runs':
      return { ...state, runs: merge(state.runs, event.data) };
    case 'progress':
    case 'counts':
      return status === null ? state : withStatus(state, withStream(status, event.data));
    case 'api':
      return status === null
        ? state
        : withStatus(state, {
            ...status,
            api: status.api.map((api) => (api.shop === event.data.shop ? event.data : api)),
          });
    // The link notices by itself that the connection ends, and asks again for everything.
    case 'logs':
    case 'overflow':
    case 'shutdown':
      return state;
  }
};

export const reduceDaemon = (state: DaemonState, action: DaemonAction): DaemonState => {
  switch (action.type) {
    case 'link':
      return { ...state, link: action.link };
    case 'tick':
      return { ...state, nowMs: action.nowMs, heardMs: action.heardMs };
    case 'event':
      return withEvent(state, action.event);
    case 'status':
      return withStatus(state, action.status);
    case 'runs':
      return { ...state, runs: action.runs.slice(0, keptRuns) };
  }
};
