import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { allowedFields, createEventLog, describeError } from './event-log.js';
import { FrameworkLog } from './framework-log.js';

const uuid = '0123abcd-4567-4000-8000-0123456789ab';
const token = 'eyJhbGciOiJFZERTQSIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl';

function capture() {
  const lines: string[] = [];
  const log = createEventLog({
    service: 'test',
    instance: 'one',
    level: 'trace',
    destination: { write: (line) => void lines.push(line) },
  });
  return { log, lines };
}

describe('the event log', () => {
  it('writes one JSON line with the event, its level and its fields', () => {
    const { log, lines } = capture();
    log.event('http.answered', {
      route: '/v1/auth/devices/:device',
      method: 'GET',
      status: 200,
      durationMs: 1.5,
    });
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toEqual({
      level: 'debug',
      time: expect.any(String),
      service: 'test',
      instance: 'one',
      event: 'http.answered',
      route: '/v1/auth/devices/:device',
      method: 'GET',
      status: 200,
      durationMs: 1.5,
    });
  });

  it.each([
    ['a field that is not on the list', { user: 'alice' }],
    ['an id', { route: `/v1/auth/devices/${uuid}` }],
    ['a token', { errorCode: token }],
    ['free text', { phase: 'alice said hello' }],
    ['a number where a word stands', { route: 5 }],
    ['a word where a number stands', { status: '200' }],
    ['something nested', { route: { nested: 'a' } }],
    ['a stack line that is no place in the code', { stack: ['Error: the secret is x'] }],
  ])('drops %s', (_name, fields) => {
    const kept = allowedFields(fields);
    expect(Object.values(kept).flat()).toEqual([]);
  });

  it('lets no id and no long token through, wherever they stand', () => {
    const anyField = fc.constantFrom(
      'route',
      'method',
      'errorName',
      'errorCode',
      'subject',
      'phase',
      'variables',
      'stack',
      'user',
      '__proto__',
      'constructor',
    );
    const secretText = fc
      .tuple(fc.string({ maxLength: 20 }), fc.uuid(), fc.string({ maxLength: 20 }))
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(anyField, secretText, fc.boolean(), (field, text, inList) => {
        const kept = JSON.stringify(allowedFields({ [field]: inList ? [text] : text }));
        return !/[0-9a-f]{8}-[0-9a-f]{4}/.test(kept);
      }),
      { numRuns: 1_000 },
    );
  });

  it('names the trace that is being recorded, or the one that it is told of, and none that is no id', () => {
    const recorded = 'a'.repeat(32);
    const [lines, told] = [[] as string[], 'b'.repeat(32)];
    const log = createEventLog({
      service: 'test',
      instance: 'one',
      level: 'trace',
      destination: { write: (line) => void lines.push(line) },
      traceId: () => recorded,
    });
    log.event('auth.cleaned');
    log.event('auth.cleaned', { traceId: told });
    log.event('auth.cleaned', { traceId: uuid });
    expect(lines.map((line) => (JSON.parse(line) as { readonly traceId?: string }).traceId)).toEqual([
      recorded,
      told,
      undefined,
    ]);
  });

  it('tells of an unexpected error without its message', () => {
    const { log, lines } = capture();
    const error = Object.assign(new TypeError(`cannot read\n    at secret-${uuid} (x:1:1)\nof ${token}`), {
      code: 'E_TEST',
    });
    log.unexpected(error, { route: '/v1/x' });
    const line = lines.join('');
    expect(JSON.parse(line)).toMatchObject({
      event: 'service.unexpected-error',
      level: 'error',
      errorName: 'TypeError',
      errorCode: 'E_TEST',
      route: '/v1/x',
    });
    expect(line).toContain('event-log.spec.ts');
    for (const secretPart of [uuid, token, 'cannot read']) expect(line).not.toContain(secretPart);
    log.unexpected(`a thrown string ${token}`);
    expect(lines.join('')).not.toContain(token);
  });

  it('describes whatever was thrown', () => {
    for (const thrown of [undefined, null, 5, 'text', { code: uuid }])
      expect(describeError(thrown)).toEqual({ errorName: typeof thrown });
  });
});

it("the framework's words pass while the service starts, and not after", () => {
  const { log, lines } = capture();
  const framework = new FrameworkLog(log);
  framework.error('Nest cannot resolve dependencies of X');
  framework.log('routes mapped');
  framework.started();
  framework.error(`request ${token} failed`);
  expect(lines).toHaveLength(2);
  expect(lines[0]).toContain('cannot resolve');
  expect(lines[1]).not.toContain(token);
});
