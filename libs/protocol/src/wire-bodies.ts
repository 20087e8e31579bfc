/**
 * Every binary body there is, as one list: what the golden files, the round-trip properties and the
 * generated documentation go through. A body that is exported where bodies are written is here by itself.
 */
import { decode, encode, type Schema, type Shape } from './codec.js';
import * as commands from './commands.js';
import {
  clientFrames,
  decodeClientFrame,
  decodeServerFrame,
  encodeClientFrame,
  encodeServerFrame,
  serverFrames,
} from './frames.js';
import * as log from './log.js';

export type WireGroup = 'client-frames' | 'server-frames' | 'commands' | 'log';

export type WireBody = {
  readonly group: WireGroup;
  /** The frame's type, or the schema's name in its source file. */
  readonly name: string;
  /** Of a frame: its first byte. */
  readonly code: number | null;
  readonly shape: Shape;
  /** @throws RangeError */
  readonly encode: (value: unknown) => Uint8Array;
  /** @throws MalformedError */
  readonly decode: (input: Uint8Array) => unknown;
};

export const wireBodies: readonly WireBody[] = [
  ...framesOf({
    group: 'client-frames',
    table: clientFrames,
    encodeFrame: encodeClientFrame,
    decodeFrame: decodeClientFrame,
  }),
  ...framesOf({
    group: 'server-frames',
    table: serverFrames,
    encodeFrame: encodeServerFrame,
    decodeFrame: decodeServerFrame,
  }),
  ...schemasOf({ group: 'commands', exported: commands }),
  ...schemasOf({ group: 'log', exported: log }),
];

function framesOf<Frame>(params: {
  readonly group: WireGroup;
  readonly table: Readonly<
    Record<string, { readonly code: number; readonly body: { readonly shape: Shape } }>
  >;
  readonly encodeFrame: (frame: Frame) => Uint8Array;
  readonly decodeFrame: (input: Uint8Array) => Frame;
}): readonly WireBody[] {
  const { group, table, encodeFrame, decodeFrame } = params;
  return Object.entries(table).map(([name, { code, body }]) => ({
    group,
    name,
    code,
    shape: body.shape,
    encode: (value) => encodeFrame({ type: name, ...(value as object) } as Frame),
    decode: (input) => {
      const { type: _, ...fields } = decodeFrame(input) as object & { readonly type: string };
      return fields;
    },
  }));
}

/** The records among a module's exports; parts of records (a choice, an id) have no golden file of their own. */
function schemasOf(params: {
  readonly group: WireGroup;
  readonly exported: Readonly<Record<string, unknown>>;
}): readonly WireBody[] {
  return Object.entries(params.exported)
    .filter((entry): entry is [string, Schema<unknown>] => isRecordSchema(entry[1]))
    .map(([name, schema]) => ({
      group: params.group,
      name,
      code: null,
      shape: schema.shape,
      encode: (value) => encode(schema, value),
      decode: (input) => decode(schema, input),
    }));
}

function isRecordSchema(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    'shape' in value &&
    (value as Schema<unknown>).shape.kind === 'record'
  );
}
