/** Why a socket was closed (RFC 6455 §7.4; 4000–4999 are ours), and whether the client comes back by itself. */
export const closeCodes = {
  draining: { code: 1012, reconnect: 'with-jitter' },
  malformed: { code: 4400, reconnect: 'never' },
  unauthenticated: { code: 4401, reconnect: 'after-token' },
  heartbeatMissed: { code: 4408, reconnect: 'with-jitter' },
  /** A newer socket of the same device took over. Coming back would start a duel. */
  replaced: { code: 4409, reconnect: 'never' },
  slowConsumer: { code: 4413, reconnect: 'with-jitter' },
  upgradeNeeded: { code: 4426, reconnect: 'never' },
  rateLimited: { code: 4429, reconnect: 'with-jitter' },
} as const;

export type CloseReason = keyof typeof closeCodes;

/** The reason of a received close code; `null` for codes that are not ours (a lost network gives 1006). */
export function closeReason(code: number): CloseReason | null {
  const found = Object.entries(closeCodes).find(([, entry]) => entry.code === code);
  return found === undefined ? null : (found[0] as CloseReason);
}
