/** Every kind of record that can be kept in step, by the name it has in commands, tables and the configuration. */
export const streamNames = ['orders', 'products', 'analytics', 'returns', 'cancellations', 'statements'] as const;

export type StreamName = (typeof streamNames)[number];

/** Those that are synced unless the configuration says otherwise. */
export const usualStreams: readonly StreamName[] = ['orders', 'products', 'analytics'];

/** Those that TikTok counts by both of their times, so that they can be audited. */
export const auditedStreams: readonly string[] = [
  'orders',
  'products',
  'returns',
  'cancellations',
] satisfies readonly StreamName[];
