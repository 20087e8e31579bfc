/** An entry of the error catalogue (`errors.ts`) on its way: thrown, as an RFC 9457 body, and read back. */
import { problems, type ProblemCode, type ProblemData } from './errors.js';

/** RFC 9457 `application/problem+json`. `type` is `urn:cipherchat:problem:<code>`; the data's fields stand beside the standard ones. */
export type ProblemBody = {
  readonly type: string;
  readonly code: string;
  readonly status: number;
  readonly title: string;
} & Record<string, unknown>;

export const problemMediaType = 'application/problem+json';

/** An outcome that ends the request. One that the caller branches on is a return value instead. */
export class ProblemError<Code extends ProblemCode = ProblemCode> extends Error {
  override readonly name = 'ProblemError';
  constructor(
    readonly code: Code,
    readonly data: ProblemData<Code>,
  ) {
    super(`${code}: ${problems[code].title}`);
  }

  /** Narrows to one code, and with it the shape of `data`. */
  is<Wanted extends ProblemCode>(code: Wanted): this is ProblemError<Wanted> {
    return (this.code as string) === code;
  }

  get status(): number {
    return problems[this.code].status;
  }

  get retry(): 'never' | 'after' | 'resync' {
    return problems[this.code].retry;
  }

  /** How long to wait, where the code says so; 0 otherwise. */
  get retryAfterMs(): number {
    const data: unknown = this.data;
    return typeof data === 'object' && data !== null && 'retryAfterMs' in data
      ? Number(data.retryAfterMs)
      : 0;
  }
}

/** `throw problem('conversation/stale-commit', { lastCommitSeq })`. */
export function problem<Code extends ProblemCode>(
  code: Code,
  ...data: Record<string, never> extends ProblemData<Code> ? [ProblemData<Code>?] : [ProblemData<Code>]
): ProblemError<Code> {
  return new ProblemError(code, (data[0] ?? {}) as ProblemData<Code>);
}

/** `instanceof` with the type it should give: of any code, not of `any`. */
export function isProblem(error: unknown): error is ProblemError {
  return error instanceof ProblemError;
}

export function isProblemCode(code: string): code is ProblemCode {
  return Object.hasOwn(problems, code);
}

export function problemBody(error: ProblemError): ProblemBody {
  const { status, title } = problems[error.code];
  return {
    ...(error.data as object),
    type: `urn:cipherchat:problem:${error.code}`,
    code: error.code,
    status,
    title,
  };
}

/**
 * The error that a body or frame describes. A code this build does not know, or data that does not
 * fit it, becomes `service/internal` (of a newer server) rather than an exception of another kind.
 */
export function problemFrom(code: string, data: unknown): ProblemError {
  if (!isProblemCode(code)) return problem('service/internal');
  const parsed = problems[code].data.safeParse(data);
  return parsed.success ? new ProblemError(code, parsed.data) : problem('service/internal');
}
