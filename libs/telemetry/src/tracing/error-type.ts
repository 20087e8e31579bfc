/** What a span says of an error: a code or a class from a closed set, never its message, which may quote data. */
import { isProblem, problems, type ProblemCode } from '@cipherchat/protocol';

/** Of the system, of NATS and of ioredis. */
const classes = [
  'AbortError',
  'ClosedConnectionError',
  'ConnectionError',
  'DrainingConnectionError',
  'MalformedError',
  'MaxRetriesPerRequestError',
  'NoRespondersError',
  'RangeError',
  'ReplyError',
  'RequestError',
  'TimeoutError',
  'TypeError',
] as const;
const systemCodes = [
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
] as const;
/** Of Postgres (SQLSTATE) and Prisma: constraints, conflicts, timeouts, shutdown. */
const databaseCodes = [
  '23503',
  '23505',
  '23514',
  '40001',
  '40P01',
  '53300',
  '55P03',
  '57014',
  '57P01',
  '57P03',
  'P1001',
  'P2002',
  'P2024',
  'P2025',
  'P2028',
  'P2034',
] as const;
const other = 'other';

export const errorTypes = [
  ...(Object.keys(problems) as ProblemCode[]),
  ...classes,
  ...systemCodes,
  ...databaseCodes,
  other,
] as const;
export type ErrorType = (typeof errorTypes)[number];

const known: ReadonlySet<string> = new Set(errorTypes);

export function errorTypeOf(error: unknown): ErrorType {
  if (isProblem(error)) return error.code;
  if (!(error instanceof Error)) return other;
  const code: unknown = 'code' in error ? error.code : undefined;
  if (isErrorType(code)) return code;
  const { name } = error.constructor;
  return isErrorType(name) ? name : other;
}

function isErrorType(value: unknown): value is ErrorType {
  return typeof value === 'string' && known.has(value);
}
