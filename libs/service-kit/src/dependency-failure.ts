import { types } from 'node:util';

/**
 * Tells "a server that we need is away" (503, come back) from a bug (500, alerted). Only by codes:
 * system calls', Postgres's SQLSTATE classes and Prisma's; never by message text.
 */
const systemCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
]);
/** Prisma: unreachable, timed out, closed, no connection free in time, transaction could not start in time. */
const prismaCodes = new Set(['P1001', 'P1002', 'P1008', 'P1017', 'P2024', 'P2028']);
/** 08: connection; 53: resources; 57P01–57P03: shutdown or starting up. */
const sqlState = /^(08|53)\w{3}$|^57P0[123]$/;

export function isDependencyFailure(error: unknown): boolean {
  for (
    let current: unknown = error, depth = 0;
    types.isNativeError(current) && depth < 5;
    current = current.cause, depth++
  ) {
    const code: unknown = 'code' in current ? current.code : undefined;
    if (typeof code === 'string' && (systemCodes.has(code) || prismaCodes.has(code) || sqlState.test(code)))
      return true;
    if (current.name === 'MaxRetriesPerRequestError') return true; // ioredis, while it reconnects
  }
  return isUnreachableDatabase(error);
}

/** Prisma's driver adapter wraps the driver's error in an object that is no Error: `{kind: 'DatabaseNotReachable', …}`. */
function isUnreachableDatabase(error: unknown): boolean {
  const cause: unknown = error instanceof Error ? error.cause : undefined;
  if (typeof cause !== 'object' || cause === null) return false;
  const kind: unknown = 'kind' in cause ? cause.kind : undefined;
  const original: unknown = 'originalCode' in cause ? cause.originalCode : undefined;
  if (typeof original === 'string' && (sqlState.test(original) || systemCodes.has(original))) return true;
  return (
    kind === 'DatabaseNotReachable' ||
    kind === 'ConnectionClosed' ||
    kind === 'SocketTimeout' ||
    kind === 'TooManyConnections'
  );
}
