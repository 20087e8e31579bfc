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
  ...filesIn('k8s', '.md'),
  'charts/cipherchat/README.md',
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

/** Files of the repository that commands in a page name, and that are not there. */
function unknownFiles(markdown: string): string[] {
  const commands = [...markdown.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map(([, text = '']) => text);
  const inline = [...markdown.matchAll(/`(?:kubectl|helm) [^`]+`/g)].map(([text]) => text);
  return [...commands, ...inline]
    .flatMap((text) =>
      [...text.matchAll(/(?<=[\s=])(?:k8s|charts|deploy|docs)\/[\w./-]+/g)].map(([file]) => file),
    )
    .filter((file) => !existsSync(path.join(root, file)));
}

/** Whatever `existingSecret` stands below: the secrets of a deployment, as the chart's values call them. */
function secretsIn(values: unknown, at: readonly string[] = []): string[] {
  if (typeof values !== 'object' || values === null || Array.isArray(values)) return [];
  return Object.entries(values).flatMap(([key, value]) =>
    key === 'existingSecret' ? [at.join('.')] : secretsIn(value, [...at, key]),
  );
}

describe('the documents', () => {
  it.each(pages)('%s links only to what is there', (page) => {
    expect(brokenLinks(page)).toEqual([]);
  });

  it.each([...pages, ...workflows])('%s names only npm scripts that exist', (page) => {
    expect(unknownScripts(read(page))).toEqual([]);
  });
});

describe('documents for operators', () => {
  const values = parse(read('charts/cipherchat/values.yaml')) as Readonly<Record<string, unknown>>;
  const forOperators = pages.filter((page) => /^(docs\/(operating|runbooks)|k8s)\//.test(page));

  it.each(forOperators)('%s: its commands name files that are there', (page) => {
    expect(unknownFiles(read(page))).toEqual([]);
  });

  // Runbooks name events of the logs, which look the same.
  it.each(forOperators.filter((page) => !page.includes('runbooks')))(
    '%s: values are those of the chart',
    (page) => {
      const named = [...read(page).matchAll(/`([a-z]\w*(?:\.[a-z]\w*)+)`/gi)].map(([, name = '']) => name);
      const isThere = (name: string): boolean =>
        name
          .split('.')
          .reduce<unknown>(
            (at, key) => (at as Readonly<Record<string, unknown>> | undefined)?.[key],
            values,
          ) !== undefined;
      const ofChart = named.filter((name) => Object.hasOwn(values, name.replace(/\..*/, '')));
      expect(ofChart.filter((name) => !isThere(name))).toEqual([]);
    },
  );

  it('say of every secret of the chart how it is changed', () => {
    const secrets = secretsIn(values);
    expect(secrets.length).toBeGreaterThan(10);
    const rotation = read('docs/operating/rotation.md');
    const table = rotation.split('\n').filter((line) => line.startsWith('| `'));
    expect(
      secrets.filter(
        (secret) =>
          !table.some(
            (line) => line.includes(`\`${secret}\``) || line.includes(`\`${secret}.existingSecret\``),
          ),
      ),
    ).toEqual([]);
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
