import { expect, it } from '@jest/globals';
import { isDependencyFailure } from './dependency-failure.js';

const withCode = (code: string, cause?: unknown): Error => Object.assign(new Error('x', { cause }), { code });

it.each(['ECONNREFUSED', 'ECONNRESET', '57P01', '57P03', '08006', '53300', 'P1001', 'P2024'])(
  '%s means that a server is away',
  (code) => {
    expect(isDependencyFailure(withCode(code))).toBe(true);
    expect(isDependencyFailure(new Error('wrapped', { cause: withCode(code) }))).toBe(true);
  },
);

it.each([
  withCode('23505'),
  withCode('P2002'),
  withCode('ENOENT'),
  new Error('connect ECONNREFUSED'),
  undefined,
  'ECONNREFUSED',
  { code: 'ECONNREFUSED' },
])('%p does not', (thrown) => {
  expect(isDependencyFailure(thrown)).toBe(false);
});

it('knows the object that a Prisma adapter wraps', () => {
  expect(isDependencyFailure(new Error('x', { cause: { kind: 'DatabaseNotReachable' } }))).toBe(true);
  expect(isDependencyFailure(new Error('x', { cause: { kind: 'postgres', originalCode: '57P01' } }))).toBe(
    true,
  );
  expect(isDependencyFailure(new Error('x', { cause: { kind: 'UniqueConstraintViolation' } }))).toBe(false);
});
