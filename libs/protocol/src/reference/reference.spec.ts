import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { problems } from '../errors.js';
import { limits } from '../limits.js';
import { subjects } from '../subjects.js';
import { wireBodies } from '../wire-bodies.js';
import { openApi } from './open-api.js';
import { errorsPage, framesPage, limitsPage, subjectsPage } from './pages.js';
import { referenceFiles } from './reference-files.js';
import { sourceComments } from './source-comments.js';

const folder = fileURLToPath(new URL('../../../../docs/protocol', import.meta.url));

describe('docs/protocol', () => {
  it.each([...referenceFiles()])(
    'has %s as the source makes it (otherwise: npm run docs:protocol)',
    (name, content) => {
      expect(readFileSync(`${folder}/${name}`, 'utf8')).toBe(content);
    },
  );

  it('has no page that nothing makes', () => {
    expect(readdirSync(folder).sort()).toEqual([...referenceFiles().keys()].sort());
  });
});

describe('the pages', () => {
  it('name every frame, body, subject, limit and error', () => {
    for (const { name, group } of wireBodies)
      expect(group === 'commands' ? subjectsPage() : framesPage()).toMatch(
        new RegExp(`^### .*\\b${name}\\b`, 'm'),
      );
    for (const code of Object.keys(problems)) expect(errorsPage()).toContain(`| \`${code}\` |`);
    for (const [name, value] of Object.entries(limits))
      expect(limitsPage()).toContain(`| \`${name}\` | ${value.toLocaleString('en-US')} |`);
    for (const subject of Object.values(subjects))
      if (typeof subject === 'string') expect(subjectsPage()).toContain(`\`${subject}\``);
  });

  it('say why each limit is what it is', () => {
    expect(
      limitsPage()
        .split('\n')
        .filter((line) => /\|\s*\|$/.test(line)),
    ).toEqual([]);
  });
});

describe('the OpenAPI document', () => {
  it('has every operation once, with its answers, and no schema that says nothing', () => {
    const document = openApi() as {
      paths: Record<string, Record<string, { operationId: string; responses: Record<string, unknown> }>>;
    };
    const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods));
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
    for (const { responses } of operations)
      expect(Object.keys(responses)).toEqual(expect.arrayContaining(['400', '500', '503']));
    expect(JSON.stringify(document)).not.toMatch(/"schema":\{\}|"allOf":\[\]/);
  });
});

describe('comments of a source', () => {
  it('are found by the path of what they stand above', () => {
    const { file, byPath } = sourceComments(
      [
        '/** The file. */',
        "import x from 'y';",
        '',
        '/** Outer. */',
        'export const outer = {',
        '  /**',
        '   * Two',
        '   * lines.',
        '   */',
        '  inner: {',
        '    body: record({',
        '      /** A field. */',
        '      field: u8,',
        '      plain: u8,',
        '    }),',
        '  },',
        '  /** Quoted. */',
        "  'a/b': 1,",
        '} as const;',
      ].join('\n'),
    );
    expect(file).toBe('The file.');
    expect(Object.fromEntries(byPath)).toEqual({
      outer: 'Outer.',
      'outer.inner': 'Two lines.',
      'outer.inner.field': 'A field.',
      'outer.a/b': 'Quoted.',
    });
  });
});
