import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { z } from 'zod';
import { limits } from '../limits.js';
import { authRoutes } from './auth-routes.js';
import { base64urlToBytes, bytesField, bytesToBase64url, usernameField } from './body.js';
import { conversationRoutes } from './conversation-routes.js';
import { keysRoutes, peopleRoutes } from './directory-routes.js';
import { pathOf, type Route } from './route.js';

const routes: readonly (readonly [string, Route])[] = [
  authRoutes,
  keysRoutes,
  peopleRoutes,
  conversationRoutes,
].flatMap((table) => Object.entries(table));

describe('the routes', () => {
  it('have each a method and path of their own', () => {
    const places = routes.map(([, { method, path }]) => `${method} ${path.replaceAll(/:\w+/g, ':')}`);
    expect(new Set(places).size).toBe(places.length);
  });

  it('answer in one way only, and take a body only where the method has one', () => {
    for (const [name, route] of routes) {
      expect([name, route.request === undefined || route.requestBinary === undefined]).toEqual([name, true]);
      expect([name, route.response === undefined || route.responseBinary === undefined]).toEqual([
        name,
        true,
      ]);
      if (route.method === 'GET')
        expect([name, route.request, route.requestBinary]).toEqual([name, undefined, undefined]);
      expect(route.summary).toMatch(/[.]$/);
      expect(new Set(route.problems).size).toBe(route.problems.length);
    }
  });

  it('refuse any JSON without throwing anything but a zod error', () => {
    for (const [, route] of routes) {
      for (const schema of [route.request, route.query, route.response]) {
        if (schema === undefined) continue;
        fc.assert(
          fc.property(fc.jsonValue(), (value) => void schema.safeParse(value)),
          { numRuns: 50 },
        );
      }
    }
  });
});

describe('bytes in JSON', () => {
  const field = bytesField({ maxBytes: 10 });

  it('are unpadded base64url and come back as they were', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 10 }), (bytes) => {
        const text = z.encode(field, bytes);
        expect(text).toBe(Buffer.from(bytes).toString('base64url'));
        expect(z.decode(field, text)).toEqual(bytes);
        expect(base64urlToBytes(bytesToBase64url(bytes))).toEqual(bytes);
      }),
    );
  });

  it('are refused in any other spelling, too long or too short, with a zod error', () => {
    for (const text of ['AA==', 'A', 'AAAAA', 'A A', 'A+', 'A/', 'AB', 'AAB', 'A'.repeat(15), '\n'])
      expect([text, field.safeParse(text).success]).toEqual([text, false]);
    expect(bytesField({ lengthBytes: 2 }).safeParse('AA').success).toBe(false);
    expect(bytesField({ lengthBytes: 2 }).safeParse('AAA').success).toBe(true);
    for (const value of [null, 3, {}, ['AA']]) expect(field.safeParse(value).success).toBe(false);
  });

  it('are refused when they are not bytes, or too many, before they are sent', () => {
    expect(z.safeEncode(field, new Uint8Array(11)).success).toBe(false);
    expect(z.safeEncode(field, 'AA' as never).success).toBe(false);
  });
});

describe('usernames', () => {
  it('are 3 to 32 of a few ASCII characters, beginning with a letter', () => {
    for (const good of ['ana', 'a-b', 'a.b_c-9', `a${'0'.repeat(31)}`])
      expect(usernameField.safeParse(good).success).toBe(true);
    for (const bad of [
      '',
      'an',
      `a${'0'.repeat(32)}`,
      'Ana',
      '1ana',
      '_ana',
      'ana ',
      'an\u0430',
      'ana\n',
      'ana/..',
    ])
      expect([bad, usernameField.safeParse(bad).success]).toEqual([bad, false]);
    expect(limits.maxUsernameLength).toBe(32);
  });
});

describe('a path', () => {
  it('is filled with its parameters, encoded', () => {
    expect(pathOf(peopleRoutes.findByUsername, { username: 'a/b ?' })).toBe(
      '/v1/people/by-username/a%2Fb%20%3F',
    );
    expect(() => pathOf(peopleRoutes.findByUsername)).toThrow(RangeError);
  });
});
