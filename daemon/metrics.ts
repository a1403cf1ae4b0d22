import type { Status } from '../shared/views.ts';
import type { Counters } from './counters.ts';
import { AppError } from './errors.ts';
import { type Family, type Sample, prometheusText } from './prometheus.ts';

export interface MetricsOptions {
  readonly version: string;
  readonly counters: Pick<Counters, 'families'>;
  readonly status: () => Promise<Status>;
  /** Runs under way. */
  readonly runs: () => readonly { readonly shop: string; readonly stream: string; readonly kind: string }[];
  /** Open connections of the sockets. */
  readonly connections: () => number;
  /** Unix seconds. */
  readonly startedAt: number;
}

/** What is counted and measured, as Prometheus text. A database that cannot be read takes only its own numbers away. */
export async function metricsText(options: MetricsOptions): Promise<string> {
  const known = await options.status().catch((error: unknown) => {
    if (error instanceof AppError && error.class === 'store') return undefined;
    throw error;
  });
  return prometheusText([
    ...processFamilies(options),
    gauge('shopsync_store_readable', '1 when the database could be read just now.', known === undefined ? 0 : 1),
    gauge('shopsync_connections', 'Open connections of the sockets.', options.connections()),
    { ...gauge('shopsync_runs_under_way', 'Runs under way.', 0), samples: counted(options.runs()) },
    ...(known === undefined ? [] : statusFamilies(known)),
    ...options.counters.families(),
  ]);
}

const gauge = (name: string, help: string, value: number): Family => ({
  name,
  help,
  type: 'gauge',
  samples: [{ value }],
});

function processFamilies({ version, startedAt }: MetricsOptions): readonly Family[] {
  const { user, system } = process.cpuUsage();
  return [
    {
      ...gauge('shopsync_build_info', 'The program that runs, in its labels.', 1),
      samples: [{ labels: { version, node: process.versions.node }, value: 1 }],
    },
    gauge('process_start_time_seconds', 'Start of the process, unix seconds.', startedAt),
    gauge('process_resident_memory_bytes', 'Memory that the process holds.', process.memoryUsage.rss()),
    {
      name: 'process_cpu_seconds_total',
      help: 'Processor time that the process has used.',
      type: 'counter',
      samples: [{ value: (user + system) / 1e6 }],
    },
  ];
}

function statusFamilies({ streams, api, clock, paused, store }: Status): readonly Family[] {
  type Stream = Status['streams'][number];
  type Api = Status['api'][number];
  const list = (type: Family['type'], name: string, help: string, samples: readonly Sample[]): Family => ({
    name,
    help,
    type,
    samples,
  });
  const bySample =
    <T>(rows: readonly T[], labels: (row: T) => Readonly<Record<string, string>>) =>
    (name: string, help: string, value: (row: T) => number | null): Family => {
      const samples = rows.flatMap((row) => {
        const measured = value(row);
        return measured === null ? [] : [{ labels: labels(row), value: measured }];
      });
      return list('gauge', name, help, samples);
    };
  const ofStream = bySample<Stream>(streams, ({ shop, stream }) => ({ shop, stream }));
  const ofShop = bySample<Api>(api, ({ shop }) => ({ shop }));
  const oddities = streams.flatMap(({ shop, stream, oddities: odd }) => {
    const kinds = Map.groupBy(Object.entries(odd), ([what]) => kindOf(what));
    return [...kinds].map(([what, counts]) => ({
      labels: { shop, stream, what },
      value: counts.reduce((sum, [, count]) => sum + count, 0),
    }));
  });
  return [
    gauge('shopsync_paused', '1 while no run starts by itself.', paused === null ? 0 : 1),
    gauge('shopsync_store_bytes', 'Size of the database and its write-ahead log.', store.bytes),
    gauge('shopsync_clock_ok', '0 when the clock of the machine is too far off.', clock.ok ? 1 : 0),
    ofStream('shopsync_stored', 'Records stored.', ({ total }) => total),
    ofStream('shopsync_rejected', 'Records set aside because they could not be stored.', ({ rejected }) => rejected),
    ofStream('shopsync_lag_seconds', 'Age of the copy by the clock of the server.', ({ lagSeconds }) => lagSeconds),
    ofStream('shopsync_missing_spans', 'Spans of time not read yet, 20 at most.', ({ missing }) => missing.length),
    ofStream('shopsync_overlap_seconds', 'How far before the watermark a run starts.', (s) => s.overlapSeconds),
    ofStream('shopsync_failing', '1 while the last run failed.', ({ lastError }) => (lastError === null ? 0 : 1)),
    ofStream('shopsync_audit_ok', '0 when the last audit left something that is not as at the API.', ({ audit }) =>
      audit === null ? null : Number(audit.ok),
    ),
    ofStream('shopsync_audit_end_seconds', 'End of the last audit, unix seconds.', ({ audit }) =>
      audit === null ? null : Date.parse(audit.at) / 1000,
    ),
    list('counter', 'shopsync_oddities_total', 'What contradicted the assumptions, ever.', oddities),
    ofShop('shopsync_api_requests_per_second', 'Rate that the API grants at present.', (a) => a.requestsPerSecond),
    ofShop('shopsync_api_ceiling', 'Rate that is never passed.', ({ ceiling }) => ceiling),
    ofShop('shopsync_api_used_today', 'Requests sent on this day of UTC.', ({ usedToday }) => usedToday),
    ofShop('shopsync_api_daily_quota', 'Requests that a day may have.', ({ dailyQuota }) => dailyQuota),
    ofShop('shopsync_api_token_expires_seconds', 'End of the access token, unix seconds.', (a) =>
      a.tokenExpiresAt === null ? null : Date.parse(a.tokenExpiresAt) / 1000,
    ),
  ];
}

/** What is odd without the names that the API gave, of which there may be any number. */
const kindOf = (what: string): string => {
  const known = ['new status', 'new field'].find((kind) => what.startsWith(`${kind} `));
  return known ?? (what.includes(' became ') ? 'changed field' : what);
};

/** How many there are of each. */
function counted(all: readonly Readonly<Record<string, string>>[]): readonly Sample[] {
  const groups = Map.groupBy(all, (labels) => JSON.stringify(labels));
  return [...groups.values()].flatMap(([labels, ...others]) =>
    labels === undefined ? [] : [{ labels, value: others.length + 1 }],
  );
}
