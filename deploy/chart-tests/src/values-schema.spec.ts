/** The schema is written by hand: here it is held to the values, so that neither knows a key that the other does not. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { chartFolder } from './chart.js';
import { isSchema, type Schema } from './schemas/strict-schema.js';

const read = (file: string): string => readFileSync(path.join(chartFolder, file), 'utf8');
const schema = JSON.parse(read('values.schema.json')) as Schema;
const values: unknown = parse(read('values.yaml'));
/** Of these a value has some. */
const partial = ['resourceList', 'selector'].map((name) => `#/$defs/${name}`);

type Place = {
  readonly at: string;
  readonly schema: Schema;
  readonly value: unknown;
  readonly refs: readonly unknown[];
};

/** Every place of the values with the schema of it, those behind references too. */
function placesOf({ at, schema: given, value, refs }: Place): readonly Place[] {
  const { $ref: ref, allOf } = given;
  if (typeof ref === 'string') {
    const definition = ref
      .split('/')
      .slice(1)
      .reduce<unknown>((inner, key) => (isSchema(inner) ? inner[key] : undefined), schema);
    return isSchema(definition) ? placesOf({ at, schema: definition, value, refs: [...refs, ref] }) : [];
  }
  if (Array.isArray(allOf))
    return (allOf as readonly Schema[]).flatMap((each) => placesOf({ at, schema: each, value, refs }));
  const { properties } = given;
  const own = { at, schema: given, value, refs };
  if (!isSchema(properties) || !isSchema(value)) return [own];
  const inner = Object.entries(properties).flatMap(([key, each]) =>
    isSchema(each) && key in value
      ? placesOf({ at: `${at}.${key}`, schema: each, value: value[key], refs })
      : [],
  );
  return [own, ...inner];
}

const places = placesOf({ at: 'values', schema, value: values, refs: [] });
const closed = places.filter(({ schema: own }) => isSchema(own['properties']));

describe('the schema of the values', () => {
  it('looks into every part of them', () => {
    expect(closed.length).toBeGreaterThan(60);
    expect(places.map(({ at }) => at)).toContain('values.gateway.autoscaling.sockets.perPod');
  });

  it.each(closed)('takes no key that it does not know: $at', ({ schema: own }) => {
    expect(own['additionalProperties']).toBe(false);
  });

  it.each(closed.filter(({ refs }) => !refs.some((ref) => partial.includes(String(ref)))))(
    'knows the keys that there are: $at',
    ({ at, schema: own, value }) => {
      const known = Object.keys(own['properties'] as Schema);
      // Helm gives every chart this one.
      const expected = at === 'values' ? known.filter((key) => key !== 'global') : known;
      expect(Object.keys(value as Schema).toSorted()).toEqual(expected.toSorted());
    },
  );
});
