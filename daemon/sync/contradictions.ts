import type { Span } from '../spans.ts';
import type { Metadata, StreamState } from '../store/state.ts';

/** A state this far ahead of the server's time cannot be true, whatever a clock says, seconds. */
const impossibleSeconds = 86_400;

/** The rungs for a state that cannot be true: the watermark goes back so far, seconds. */
export const rewinds = {
  day: { rung: 'back_24h', seconds: 86_400 },
  week: { rung: 'back_7d', seconds: 7 * 86_400 },
} as const;

/**
 * Rule 10: what in the stored state cannot be true, in words for the log; null for a sound one. Network, throttling,
 * quota, signature and authorization never show here: they say nothing about the state.
 * @param serverNow unix seconds.
 */
export function impossible(state: StreamState, coverage: readonly Span[], serverNow: number): string | null {
  const limit = serverNow + impossibleSeconds;
  if (state.watermark !== null && state.watermark > limit) return 'the watermark lies in the future';
  if (coverage.some((span) => span.to > limit)) return 'coverage reaches into the future';
  return null;
}

/** Why what `sync_metadata` says contradicts the store, so that only a full run can tell; null when it does not. */
export function contradiction(metadata: Metadata, storedRows: number, serverNow: number): string | null {
  const lastSync = Math.floor(Date.parse(metadata.lastSyncTime) / 1000);
  if (lastSync > serverNow + impossibleSeconds) return 'last_sync_time lies in the future';
  if (metadata.lastRecordTime !== null && storedRows === 0) return 'records were synced, and none is stored';
  return null;
}
