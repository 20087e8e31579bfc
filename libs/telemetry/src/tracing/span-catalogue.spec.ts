import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { problem } from '@cipherchat/protocol';
import { describe, expect, it } from '@jest/globals';
import { prismaModels, statements } from './database-names.js';
import { errorTypes, errorTypeOf } from './error-type.js';
import { spanCatalogue } from './span-catalogue.js';
import type { SpanDefinition } from './span-definition.js';

const spans = Object.entries<SpanDefinition>(spanCatalogue);
const root = fileURLToPath(new URL('../../../../', import.meta.url));
const sources = ['apps', 'libs'].flatMap((group) =>
  readdirSync(`${root}${group}`, { recursive: true, encoding: 'utf8' })
    .filter((file) => /^[\w-]+\/(src\/.*\.ts|prisma\/schema\.prisma)$/.test(file))
    .filter((file) => !/\.(spec|fixture)\.ts$|generated|libs\/telemetry/.test(file))
    .map((file) => ({ file: `${group}/${file}`, text: readFileSync(`${root}${group}/${file}`, 'utf8') })),
);

describe('every span', () => {
  it.each(spans)('%s says what it is, and has closed attributes that name nobody', (name, definition) => {
    expect(name).toMatch(/^[a-z]+([ -][a-z]+)+$/);
    expect(definition.help).toMatch(/^[A-Z][^\n]+\.$/);
    for (const [attribute, form] of Object.entries(definition.attributes)) {
      expect(attribute).toMatch(/^[a-z]+(\.[a-z_]+)+$/);
      expect(attribute).not.toMatch(/user|device|conversation|envelope|address|url|token|peer|text|message$/);
      if (typeof form === 'string') continue;
      expect(new Set(form).size).toBe(form.length);
      for (const value of form) {
        expect(value).toMatch(/^[\w./:-]{1,120}$/);
        expect(value).not.toMatch(/[0-9a-f]{8}/i);
      }
    }
  });

  it('with the hop is one of the two that it joins', () => {
    const withHop = spans.filter(([, { attributes }]) => Object.values(attributes).includes('hop'));
    expect(withHop.map(([name]) => name)).toEqual(['gateway append', 'message-store publish']);
  });
});

describe('names of the database', () => {
  it('are the models of all schemas', () => {
    const models = sources
      .filter(({ file }) => file.endsWith('schema.prisma'))
      .flatMap(({ text }) => [...text.matchAll(/^model (\w+)/gm)].map(([, model]) => model));
    expect(models.length).toBeGreaterThan(20);
    expect([...prismaModels]).toEqual([...new Set(models)].sort());
  });

  it('are the named statements that are put to a pool', () => {
    const named = sources.flatMap(({ text }) =>
      [...text.matchAll(/pool\.query(?:<.*>)?\(\{\s+name: '([\w-]+)'/g)].map(([, name]) => name),
    );
    expect(named.length).toBeGreaterThan(5);
    expect([...statements]).toEqual(named.sort());
  });
});

describe('the type of an error', () => {
  it.each([
    [problem('conversation/closed'), 'conversation/closed'],
    [
      Object.assign(new Error('connect ECONNREFUSED 10.0.0.1:5432'), { code: 'ECONNREFUSED' }),
      'ECONNREFUSED',
    ],
    [new RangeError('alice'), 'RangeError'],
    [Object.assign(new Error('x'), { code: 'alice' }), 'other'],
    [Object.assign(new Error('x'), { name: 'alice' }), 'other'],
    ['alice', 'other'],
    [undefined, 'other'],
  ])('is from the list, and nothing that it says', (error, type) => {
    expect(errorTypeOf(error)).toBe(type);
  });

  it('is named once', () => {
    expect(new Set(errorTypes).size).toBe(errorTypes.length);
  });
});
