/** Each alert says to whom, what and what to do; promtool, by npm run test:observability, shows when it fires. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { rules, ruleTests, runbooksDir } from './files.fixture.js';

const alerts = rules.flatMap((rule) => (rule.alert === undefined ? [] : [{ ...rule, alert: rule.alert }]));
const names = alerts.map(({ alert }) => alert);
const index = readFileSync(`${runbooksDir}/README.md`, 'utf8');
/** Pages that no alert leads to. */
const others = ['README', 'restore'];
const sections = ['## What it means for people', '## See where', '## Do', '## Do not'];

describe('the alerts', () => {
  it('have names of their own', () => {
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThan(30);
  });

  it('and the runbooks are the same', () => {
    const pages = readdirSync(runbooksDir).map((file) => file.replace(/\.md$/, ''));
    expect(pages.filter((page) => !others.includes(page)).toSorted()).toEqual(names.toSorted());
  });
});

describe.each(alerts)('$alert', ({ alert, labels, annotations }) => {
  it('says how urgent it is, what it is, and where to read on', () => {
    expect(['page', 'ticket']).toContain(labels?.['severity']);
    expect(annotations).toEqual({
      summary: expect.stringMatching(/^.{10,120}$/),
      description: expect.stringMatching(/[.]$/),
      runbook_url: `docs/runbooks/${alert}.md`,
    });
  });

  it('has a page with what it means, where to look, what to do and what not, and a line in the index', () => {
    const page = readFileSync(`${runbooksDir}/${alert}.md`, 'utf8');
    expect(page.split('\n').filter((line) => line.startsWith('#'))).toEqual([`# ${alert}`, ...sections]);
    for (const [, target = ''] of page.matchAll(/\]\(([\w-]+\.md)\)/g))
      expect(readdirSync(runbooksDir)).toContain(target);
    expect(index).toMatch(
      new RegExp(`^\\| \\[${alert}\\]\\(${alert}\\.md\\) \\|.*\\| ${labels?.['severity']} \\|$`, 'm'),
    );
  });

  it('is tested where it fires and where it is silent', () => {
    const expected = (kind: 'fires' | 'is silent') =>
      ruleTests
        .filter(({ name }) => name.startsWith(`${alert} ${kind} `))
        .map(({ promql_expr_test: checks }) =>
          checks.every(({ exp_samples: samples }) =>
            samples.some(({ labels: given }) => given === `{alertname="${alert}"}`),
          ),
        );
    expect(expected('fires')).toContain(true);
    expect(expected('fires')).not.toContain(false);
    expect(expected('is silent')).toContain(false);
    expect(expected('is silent')).not.toContain(true);
  });
});
