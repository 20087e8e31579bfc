/**
 * The doc comments of a source file by the name of what stands below them, so that the reason beside a
 * limit or a field is written once, in the code, and read in the documentation too.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export type SourceComments = {
  /** Of the file itself: its first comment. */
  readonly file: string;
  /** By path, e.g. `serverFrames.ready.gateway`: names of the enclosing declarations, `body` left out. */
  readonly byPath: ReadonlyMap<string, string>;
};

type Place = { readonly indent: number; readonly name: string };

/** `name` is relative to the library's sources, which are read both from there and from the build. */
export function readSourceComments(name: string): SourceComments {
  return sourceComments(readFileSync(fileURLToPath(new URL(`../../src/${name}`, import.meta.url)), 'utf8'));
}

/** Reads the layout that the formatter gives: one declaration or property a line, nested ones indented further. */
export function sourceComments(source: string): SourceComments {
  const byPath = new Map<string, string>();
  let file = '';
  let comment: string[] = [];
  let isInside = false;
  let enclosing: readonly Place[] = [];
  for (const [index, line] of source.split('\n').entries()) {
    const opened = /^\s*\/\*\*/.test(line);
    if (opened) comment = [];
    if (opened || isInside) {
      comment.push(line.replace(/^\s*(\/\*\*|\*\/|\*(?!\/))?\s?/, '').replace(/\s*\*\/\s*$/, ''));
      isInside = !line.includes('*/');
      if (!isInside && index < 40 && file === '' && byPath.size === 0) file = textOf(comment);
      continue;
    }
    const declared = /^(\s*)(?:export (?:const|function|type) )?(?:'([^']+)'|(\w+))(?=\s*[:=(])/.exec(line);
    if (declared === null) continue;
    const [, space = '', quoted, plain = ''] = declared;
    const place = { indent: space.length, name: quoted ?? plain };
    enclosing = [...enclosing.filter(({ indent }) => indent < place.indent), place];
    const path = enclosing.map(({ name }) => name).filter((name) => name !== 'body');
    // Fields written on one line with their frame have no comments of their own, so the last name is enough.
    if (comment.length > 0) byPath.set(path.join('.'), textOf(comment));
    comment = [];
  }
  return { file, byPath };
}

function textOf(lines: readonly string[]): string {
  return lines
    .map((line) => line.trim())
    .join(' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
}
