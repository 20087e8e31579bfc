/**
 * What a silent socket means. A network that went away says nothing: without this, a client would wait on a dead
 * socket for ever. Silence for a heartbeat makes us ask; silence for another half of it after that is death.
 */
export type SilenceVerdict = 'fine' | 'ask' | 'dead';

const deadAfterHeartbeats = 1.5;

export function judgeSilence(params: {
  readonly silentMs: number;
  readonly heartbeatMs: number;
  /** Whether a ping was sent since the last frame came. */
  readonly asked: boolean;
}): SilenceVerdict {
  const { silentMs, heartbeatMs, asked } = params;
  if (asked && silentMs >= heartbeatMs * deadAfterHeartbeats) return 'dead';
  return silentMs >= heartbeatMs ? 'ask' : 'fine';
}
