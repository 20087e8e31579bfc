/** What the documents name exists: files, tests, commands. Real: the repository. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');
const filesIn = (folder: string, ending: string): string[] =>
  readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(ending))
    .map((file) => `${folder}/${file}`);

const pages = [
  ...readdirSync(root).filter((file) => file.endsWith('.md')),
  ...filesIn('docs', '.md'),
  ...filesIn('.github', '.md'),
];
const workflows = filesIn('.github', '.yml');
const scripts = Object.keys(
  (JSON.parse(read('package.json')) as { scripts: Record<string, string> }).scripts,
);

type Link = { readonly text: string; readonly target: string };
function linksOf(markdown: string): Link[] {
  return [...markdown.matchAll(/\[([^\]]*)\]\(([^)\s]+)\)/g)].map(([, text = '', target = '']) => ({
    text,
    target,
  }));
}

/** Links of a page that lead nowhere in the repository. */
function brokenLinks(page: string): string[] {
  return linksOf(read(page))
    .map(({ target }) => target.replace(/#.*$/, ''))
    .filter((target) => target !== '' && !/^[a-z]+:/.test(target))
    .filter((target) => !existsSync(path.join(root, path.dirname(page), target)));
}

/** `npm run x` and `npm x` that package.json does not have. */
function unknownScripts(text: string): string[] {
  const named = [...text.matchAll(/npm (?:run (?:--silent )?([a-z][\w:-]*)|(start|test)\b)/g)];
  return named.map(([, run, short]) => run ?? short ?? '').filter((name) => !scripts.includes(name));
}

describe('the documents', () => {
  it.each(pages)('%s links only to what is there', (page) => {
    expect(brokenLinks(page)).toEqual([]);
  });

  it.each([...pages, ...workflows])('%s names only npm scripts that exist', (page) => {
    expect(unknownScripts(read(page))).toEqual([]);
  });
});

describe('the threat model', () => {
  const page = 'docs/threat-model.md';
  const named = linksOf(read(page)).filter(({ text }) => text.startsWith('"'));

  it('names what shows each "cannot"', () => {
    const promises = read(page)
      .split('\n')
      .filter((line) => line.startsWith('| cannot'));
    const shown = promises.filter((line) => line.includes('["') || line.includes('`npm run test:blind`'));
    expect(promises.length).toBeGreaterThan(15);
    expect(promises.filter((line) => !shown.includes(line))).toEqual([]);
  });

  it.each(named.map(({ text, target }) => [text.slice(1, -1), target]))(
    'names the test "%s", which %s holds',
    (title, target) => {
      const file = path.join('docs', target);
      expect(existsSync(path.join(root, file)) ? read(file) : 'no such file').toContain(title);
    },
  );
});

describe('a workflow', () => {
  type Job = { readonly steps: readonly { readonly uses?: string; readonly run?: string }[] };
  type Workflow = {
    readonly permissions?: unknown;
    readonly jobs?: Readonly<Record<string, Job>>;
    readonly runs?: Job;
  };
  const parsed = workflows.map((file) => ({ file, workflow: parse(read(file)) as Workflow }));
  const steps = parsed.flatMap(({ workflow }) =>
    [...Object.values(workflow.jobs ?? {}), ...(workflow.runs === undefined ? [] : [workflow.runs])].flatMap(
      (job) => job.steps,
    ),
  );

  it('parses, and does something', () => {
    expect(parsed.length).toBeGreaterThan(0);
    expect(steps.some(({ run }) => run === 'npm run verify')).toBe(true);
  });

  it('may read the repository and nothing else', () => {
    for (const { workflow } of parsed.filter(({ workflow: { jobs } }) => jobs !== undefined))
      expect(workflow.permissions).toEqual({ contents: 'read' });
  });

  it('uses actions of a named version, or our own', () => {
    const uses = steps.flatMap((step) => (step.uses === undefined ? [] : [step.uses]));
    expect(uses.filter((used) => !/^\.\/|@v\d+$/.test(used))).toEqual([]);
    for (const own of uses.filter((used) => used.startsWith('./')))
      expect(existsSync(path.join(root, own, 'action.yml'))).toBe(true);
  });
});
