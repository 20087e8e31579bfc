import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { isProblemCode, problem, problemBody, ProblemError, problemFrom } from './problem.js';
import { problems, type ProblemCode } from './errors.js';
import { decodeServerFrame, encodeServerFrame } from './frames.js';
import * as routes from './index.js';

const codes = Object.keys(problems) as ProblemCode[];
/** Data of a code: a number for each number that its schema wants. */
const dataOf = (code: ProblemCode): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries((problems[code].data as z.ZodObject).shape).map(([name, field]) => [
      name,
      z.safeParse(field as z.ZodType, 17).success ? 17 : 'place',
    ]),
  );
const errorOf = (code: ProblemCode): ProblemError => new ProblemError(code, dataOf(code));

describe('the error catalogue', () => {
  it('has one meaning for each code: no two share a title', () => {
    expect(new Set(codes.map((code) => problems[code].title)).size).toBe(codes.length);
  });

  it('names codes `area/what`, and gives each a sentence and an HTTP status of an error', () => {
    for (const code of codes) {
      expect(code).toMatch(/^[a-z]+\/[a-z]+(-[a-z]+)*$/);
      expect(problems[code].title).toMatch(/^[A-Z].*[.]$/);
      expect(problems[code].status).toBeGreaterThanOrEqual(400);
      expect(problems[code].status).toBeLessThan(600);
    }
  });

  it('says how long to wait wherever it says to wait', () => {
    for (const code of codes) {
      const { retry, data } = problems[code];
      const hasWait = 'retryAfterMs' in (data as z.ZodObject).shape;
      if (hasWait) expect([code, retry]).toEqual([code, 'after']);
    }
  });

  it('has every code that a route names', () => {
    const named = [routes.authRoutes, routes.keysRoutes, routes.peopleRoutes, routes.conversationRoutes]
      .flatMap((table) => Object.values(table))
      .flatMap((route) => [...route.problems]);
    expect(named.length).toBeGreaterThan(20);
    for (const code of named) expect(isProblemCode(code)).toBe(true);
  });
});

describe.each(codes)('%s', (code) => {
  it('comes back from its RFC 9457 body', () => {
    const body = JSON.parse(JSON.stringify(problemBody(errorOf(code)))) as Record<string, unknown>;
    expect(body).toMatchObject({
      type: `urn:cipherchat:problem:${code}`,
      code,
      status: problems[code].status,
      title: problems[code].title,
      ...dataOf(code),
    });
    const back = problemFrom(String(body['code']), body);
    expect([back.code, back.data, back.status, back.retry]).toEqual([
      code,
      dataOf(code),
      problems[code].status,
      problems[code].retry,
    ]);
  });

  it('comes back from its frame', () => {
    const error = errorOf(code);
    const frame = decodeServerFrame(
      encodeServerFrame({
        type: 'problem',
        request: 3,
        problem: error.code,
        retryAfterMs: error.retryAfterMs,
        detail: JSON.stringify(error.data),
      }),
    );
    if (frame.type !== 'problem') throw new Error('another frame');
    expect(problemFrom(frame.problem, JSON.parse(frame.detail))).toEqual(error);
  });
});

describe('a problem', () => {
  it('narrows to its code and that code’s data', () => {
    const error: ProblemError = problem('conversation/stale-commit', { lastCommitSeq: 12 });
    expect(error.is('conversation/unknown')).toBe(false);
    if (!error.is('conversation/stale-commit')) throw new Error('not narrowed');
    expect(error.data.lastCommitSeq).toBe(12);
    expect(error.retryAfterMs).toBe(0);
    expect(problem('request/rate-limited', { retryAfterMs: 5 }).retryAfterMs).toBe(5);
  });

  it('does not let data overwrite the standard fields', () => {
    const error = new ProblemError('auth/forbidden', {
      code: 'x',
      status: 1,
      type: 'x',
      title: 'x',
    } as never);
    expect(problemBody(error)).toMatchObject({
      code: 'auth/forbidden',
      status: 403,
      type: 'urn:cipherchat:problem:auth/forbidden',
    });
  });

  it('of an unknown code, or with data that does not fit, becomes service/internal', () => {
    for (const [code, data] of [
      ['no/such', {}],
      ['constructor', {}],
      ['conversation/stale-commit', {}],
      ['conversation/stale-commit', { lastCommitSeq: -1 }],
      ['request/too-large', null],
    ] as const) {
      expect(problemFrom(code, data).code).toBe('service/internal');
    }
  });
});
