import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MalformedError, type Shape } from './codec.js';
import { clientFrames, serverFrames } from './frames.js';
import { limits } from './limits.js';
import { anyOf, fromJson, oversizedOf, sampleOf } from './shape-values.fixture.js';
import { wireBodies, type WireBody } from './wire-bodies.js';

const goldenDir = fileURLToPath(new URL('../golden', import.meta.url));
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const titled = wireBodies.map((body) => [`${body.group}/${body.name}`, body] as const);
const endsOpen = (shape: Shape): boolean => {
  if (shape.kind !== 'record') return shape.kind === 'rest';
  const last = shape.fields.at(-1);
  return last !== undefined && endsOpen(last[1]);
};
const isFrame = ({ code }: WireBody) => code !== null;

/** `MalformedError` is the one error that reading may end with. */
function outcomeOf(body: WireBody, input: Uint8Array): 'read' | 'malformed' {
  try {
    body.decode(input);
    return 'read';
  } catch (error) {
    if (error instanceof MalformedError) return 'malformed';
    throw error;
  }
}

describe.each(titled)('%s', (title, body) => {
  it('has the frozen bytes of its golden file', () => {
    const golden = JSON.parse(readFileSync(`${goldenDir}/${title}.json`, 'utf8')) as {
      value: unknown;
      hex: string;
    };
    const value = fromJson(golden.value);
    expect(hex(body.encode(value))).toBe(golden.hex);
    expect(body.decode(Uint8Array.from(Buffer.from(golden.hex, 'hex')))).toEqual(value);
  });

  it('is read as it was written', () => {
    fc.assert(
      fc.property(anyOf(body.shape), (value) => expect(body.decode(body.encode(value))).toEqual(value)),
    );
  });

  it('has one encoding: what can be read is written as the same bytes', () => {
    const valid = fc
      .uint8Array({ maxLength: 200 })
      .map((input) => (isFrame(body) ? Uint8Array.of(body.code!, ...input) : input));
    fc.assert(
      fc.property(valid, (input) => {
        if (outcomeOf(body, input) === 'read') expect(hex(body.encode(body.decode(input)))).toBe(hex(input));
      }),
    );
  });

  it('rejects every truncation and any trailing byte', () => {
    const bytes = body.encode(sampleOf(body.shape));
    const open = endsOpen(body.shape);
    // What ends in bytes "to the end" is cut where these begin at the latest; a byte more is theirs.
    const shortest = open ? bytes.length - 3 : bytes.length;
    for (let length = 0; length < shortest; length++)
      expect(outcomeOf(body, bytes.subarray(0, length))).toBe('malformed');
    expect(outcomeOf(body, Uint8Array.of(...bytes, 0))).toBe(open ? 'read' : 'malformed');
  });

  it('meets random and mutated bytes with nothing but MalformedError, and leaves them unchanged', () => {
    const bytes = body.encode(sampleOf(body.shape));
    const mutated = fc
      .tuple(fc.nat(), fc.nat(255))
      .map(([index, value]) =>
        bytes.length === 0 ? Uint8Array.of(value) : bytes.with(index % bytes.length, value),
      );
    fc.assert(
      fc.property(fc.oneof(mutated, fc.uint8Array({ maxLength: 300 })), (input) => {
        const before = hex(input);
        outcomeOf(body, input);
        expect(hex(input)).toBe(before);
      }),
      { numRuns: 300 },
    );
  });

  it('does not write what is over a limit', () => {
    for (const value of oversizedOf(body.shape)) expect(() => body.encode(value)).toThrow(RangeError);
  });

  it('does not read a length over its limit, even when the bytes are there', () => {
    for (const [input, name] of overlong(body))
      expect([name, outcomeOf(body, input)]).toEqual([name, 'malformed']);
  });
});

/** The sample with the length of one of its own variable fields set one over the limit and filled up, where the length can say so. */
function overlong(body: WireBody): ReadonlyArray<readonly [Uint8Array, string]> {
  if (body.shape.kind !== 'record') return [];
  const found: (readonly [Uint8Array, string])[] = [];
  const head = isFrame(body) ? [body.code!] : [];
  let before: number[] = [...head];
  for (const [name, field] of body.shape.fields) {
    const over = overlongField(field);
    if (over !== null)
      found.push([Uint8Array.from([...before, ...over.prefix, ...new Uint8Array(over.fill)]), name]);
    before = [...before, ...bytesOfField(body, name)];
  }
  return found;
}

function overlongField(shape: Shape): { readonly prefix: readonly number[]; readonly fill: number } | null {
  switch (shape.kind) {
    case 'bytes': {
      const length = shape.maxBytes + 1;
      if (length >= 2 ** (8 * shape.lengthBytes) || length > 2 * limits.maxFrameBytes) return null;
      return {
        prefix: Array.from(
          { length: shape.lengthBytes },
          (_, index) => (length >>> (8 * (shape.lengthBytes - 1 - index))) & 0xff,
        ),
        fill: length,
      };
    }
    case 'text':
      return shape.maxBytes >= 0xffff
        ? null
        : { prefix: [(shape.maxBytes + 1) >> 8, (shape.maxBytes + 1) & 0xff], fill: shape.maxBytes + 1 };
    case 'list':
      return shape.maxItems >= 0xffff
        ? null
        : { prefix: [(shape.maxItems + 1) >> 8, (shape.maxItems + 1) & 0xff], fill: 0 };
    case 'rest':
      return { prefix: [], fill: shape.maxBytes + 1 };
    case 'integer':
    case 'id':
    case 'choice':
    case 'record':
      return null;
  }
}

/** The bytes of one field of the sample: the sample without the fields after it is not a value, so cut from the whole. */
function bytesOfField(body: WireBody, name: string): readonly number[] {
  if (body.shape.kind !== 'record') return [];
  const sample = sampleOf(body.shape) as Record<string, unknown>;
  const whole = body.encode(sample);
  let offset = isFrame(body) ? 1 : 0;
  for (const [field, shape] of body.shape.fields) {
    const length = lengthOf(shape, sample[field]);
    if (field === name) return [...whole.subarray(offset, offset + length)];
    offset += length;
  }
  return [];
}

function lengthOf(shape: Shape, value: unknown): number {
  switch (shape.kind) {
    case 'integer':
      return shape.bits === 53 ? 8 : shape.bits / 8;
    case 'id':
      return 16;
    case 'bytes':
      return shape.lengthBytes + (value as Uint8Array).length;
    case 'rest':
      return (value as Uint8Array).length;
    case 'text':
      return 2 + new TextEncoder().encode(value as string).length;
    case 'choice':
      return 1;
    case 'list':
      return 2 + (value as unknown[]).reduce<number>((sum, item) => sum + lengthOf(shape.item, item), 0);
    case 'record':
      return shape.fields.reduce(
        (sum, [field, inner]) => sum + lengthOf(inner, (value as Record<string, unknown>)[field]),
        0,
      );
  }
}

describe('the list of bodies', () => {
  it('has a golden file for each and no other', () => {
    const files = readdirSync(goldenDir, { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.json'),
    );
    expect(files.map((file) => file.replace('.json', '')).sort()).toEqual(
      titled.map(([title]) => title).sort(),
    );
  });

  it('gives every frame a code of its own: below 0x80 from clients, above from servers', () => {
    const [client, server] = [clientFrames, serverFrames].map((table) =>
      Object.values(table).map(({ code }) => code as number),
    );
    expect(new Set([...client!, ...server!]).size).toBe(client!.length + server!.length);
    expect(client!.every((code) => code > 0 && code < 0x80)).toBe(true);
    expect(server!.every((code) => code >= 0x80 && code < 0x100)).toBe(true);
  });
});
