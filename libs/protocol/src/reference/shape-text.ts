/** Shapes as the documentation writes them. */
import type { Shape } from '../codec.js';

/** E.g. `list (u16 count, at most 256) of { conversation: conversation id (16 bytes); seq: u53 (8 bytes) }`. */
export function shapeText(shape: Shape): string {
  switch (shape.kind) {
    case 'integer':
      return shape.bits === 53 ? 'u53 (8 bytes)' : `u${shape.bits}`;
    case 'id':
      return `${shape.name} (16 bytes)`;
    case 'bytes':
      return `bytes (u${shape.lengthBytes * 8} length, at most ${grouped(shape.maxBytes)})`;
    case 'rest':
      return `bytes to the end (at most ${grouped(shape.maxBytes)})`;
    case 'text':
      return `text (u16 length, at most ${grouped(shape.maxBytes)} bytes of UTF-8)`;
    case 'choice':
      return `u8: ${Object.entries(shape.names)
        .map(([name, code]) => `${code} = ${name}`)
        .join(', ')}`;
    case 'list':
      return `list (u16 count, at most ${grouped(shape.maxItems)}) of ${shapeText(shape.item)}`;
    case 'record':
      return `{ ${shape.fields.map(([name, field]) => `${name}: ${shapeText(field)}`).join('; ')} }`;
  }
}

export function grouped(value: number): string {
  return value.toLocaleString('en-US');
}
