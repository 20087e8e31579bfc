/** The pages of docs/protocol, from the tables that the code runs on. */
import type { z } from 'zod';
import type { Shape } from '../codec.js';
import { problems, type ProblemCode } from '../errors.js';
import type { DeviceId, UserId } from '../ids.js';
import { limits } from '../limits.js';
import { subjects } from '../subjects.js';
import { wireBodies, type WireBody, type WireGroup } from '../wire-bodies.js';
import { page, table } from './markdown.js';
import { routeTables } from '../http/route-tables.js';
import { grouped, shapeText } from './shape-text.js';
import { readSourceComments, type SourceComments } from './source-comments.js';

export function framesPage(): string {
  const frames = readSourceComments('frames.ts');
  const log = readSourceComments('log.ts');
  return page([
    '# Frames and binary bodies',
    frames.file,
    'Integers are unsigned and big-endian; ids are 16 bytes. Bytes that are too short, too long, out of range or followed by anything are malformed.',
    '## From the client',
    ...bodySections({ group: 'client-frames', comments: frames, root: 'clientFrames' }),
    '## From the server',
    ...bodySections({ group: 'server-frames', comments: frames, root: 'serverFrames' }),
    '## Binary HTTP bodies',
    log.file,
    ...bodySections({ group: 'log', comments: log, root: '' }),
  ]);
}

export function subjectsPage(): string {
  const names = readSourceComments('subjects.ts');
  const commands = readSourceComments('commands.ts');
  const rows = Object.entries(subjects).map(([name, subject]) => [
    `\`${typeof subject === 'string' ? subject : subject('<id>' as DeviceId & UserId)}\``,
    names.byPath.get(`subjects.${name}`) ?? '',
  ]);
  return page([
    '# NATS subjects',
    names.file,
    table(['subject', 'what'], carriedOn(rows)),
    '## Bodies',
    commands.file,
    ...bodySections({ group: 'commands', comments: commands, root: '' }),
  ]);
}

export function limitsPage(): string {
  const comments = readSourceComments('limits.ts');
  const rows = Object.entries(limits).map(([name, value]) => [
    `\`${name}\``,
    grouped(value),
    comments.byPath.get(`limits.${name}`) ?? '',
  ]);
  return page(['# Limits', comments.file, table(['limit', 'value', 'why'], carriedOn(rows))]);
}

export function errorsPage(): string {
  const comments = readSourceComments('errors.ts');
  const rows = Object.entries(problems).map(([code, { status, retry, title, data }]) => [
    `\`${code}\``,
    String(status),
    retry,
    title,
    Object.keys((data as z.ZodObject).shape)
      .map((field) => `\`${field}\``)
      .join(', '),
    routesOf(code as ProblemCode).join(', '),
  ]);
  return page([
    '# Errors',
    comments.file,
    'Every route may also answer `request/*`, `service/*` and, unless it is public, `auth/unauthenticated` and `auth/device-revoked`.',
    table(['code', 'status', 'retry', 'meaning', 'data', 'from'], rows),
  ]);
}

function bodySections(params: {
  readonly group: WireGroup;
  readonly comments: SourceComments;
  readonly root: string;
}): readonly string[] {
  const { group, comments, root } = params;
  return wireBodies
    .filter((body) => body.group === group)
    .flatMap((body) => {
      const path = root === '' ? body.name : `${root}.${body.name}`;
      return [
        `### ${titleOf(body)}`,
        comments.byPath.get(path) ?? '',
        fieldTable({ shape: body.shape, comments, path }),
      ];
    });
}

function titleOf({ name, code }: WireBody): string {
  return code === null ? `\`${name}\`` : `\`0x${code.toString(16).padStart(2, '0')}\` ${name}`;
}

function fieldTable(params: {
  readonly shape: Shape;
  readonly comments: SourceComments;
  readonly path: string;
}): string {
  const { shape, comments, path } = params;
  if (shape.kind !== 'record' || shape.fields.length === 0) return 'Empty.';
  const rows = shape.fields.map(([name, field]) => [
    name,
    shapeText(field),
    comments.byPath.get(`${path}.${name}`) ?? '',
  ]);
  const hasComments = rows.some((row) => row.at(-1) !== '');
  return hasComments
    ? table(['field', 'type', 'what'], rows)
    : table(
        ['field', 'type'],
        rows.map((row) => row.slice(0, 2)),
      );
}

/** One comment often stands above several lines. */
function carriedOn(rows: ReadonlyArray<readonly string[]>): ReadonlyArray<readonly string[]> {
  return rows.map((row) => (row.at(-1) === '' ? [...row.slice(0, -1), 'as above'] : row));
}

function routesOf(code: ProblemCode): readonly string[] {
  return routeTables
    .flatMap(({ routes }) => Object.values(routes))
    .filter(({ problems: named }) => named.includes(code))
    .map(({ method, path }) => `\`${method} ${path}\``);
}
