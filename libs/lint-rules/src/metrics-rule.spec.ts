import { describe, expect, it } from '@jest/globals';
import { messagesOf } from './lint-snippet.fixture.js';

const service = 'apps/gateway/src/socket/feature.ts';
const complaints = (code: string, file = service): string[] =>
  messagesOf({ file, code })
    .filter(({ ruleId }) => ruleId === 'cipherchat/metrics')
    .map(({ message }) => message);
const counting = (call: string): string =>
  `import { metrics, ids, word } from './x.js';\nconst count = metrics.counter('cipherchat_appends_total');\n${call}\n`;

describe('metrics', () => {
  it.each([
    [
      'past the catalogue',
      "import { Counter } from 'prom-client';\nexport const x = new Counter();\n",
      /metric-catalogue/,
    ],
    [
      'under a computed name',
      'export const f = (metrics: M, x: N) => metrics.counter(x);\n',
      /a search for the name/,
    ],
    [
      'of another owner, under a computed name',
      'export class A { x = this.metrics.sampled(`a${b}`); }\n',
      /a search for the name/,
    ],
    ['with a label that is asserted', counting('count({ outcome: ids.user as never });'), /never an id/],
    ['with labels that are asserted', counting('count({ outcome: ids.user } as never);'), /never an id/],
    [
      'with an assertion further inside',
      counting('count({ outcome: word(ids.user as Word) });'),
      /never an id/,
    ],
    [
      'kept in a field, with an asserted label',
      "export class A {\n  constructor(metrics: M) {\n    this.count = metrics.counter('cipherchat_x_total');\n  }\n  f(user: string) {\n    this.count({ outcome: <Word>user });\n  }\n}\n",
      /never an id/,
    ],
  ])('are refused when made %s', (_what, code, advice) => {
    expect(complaints(code)).toEqual([expect.stringMatching(advice)]);
  });

  it('are left alone with a word, or with what the compiler knows to be one', () => {
    expect(
      complaints(counting("count({ outcome: 'accepted' });\ncount({ outcome: word(ids.user) }, 2);")),
    ).toEqual([]);
  });

  it('say nothing of assertions elsewhere in the file', () => {
    expect(complaints(counting('export const user = ids.user as string;\nword(ids.user as Word);'))).toEqual(
      [],
    );
  });

  it.each(['metrics', 'series', 'node-metrics'])('are made from prom-client in %s', (file) => {
    expect(
      complaints(
        "import { Registry } from 'prom-client';\nexport const x = new Registry();\n",
        `libs/telemetry/src/${file}.ts`,
      ),
    ).toEqual([]);
  });

  it('are made from prom-client nowhere else beside them', () => {
    expect(
      complaints(
        "import { Registry } from 'prom-client';\nexport const x = new Registry();\n",
        'libs/telemetry/src/metric-catalogue.ts',
      ),
    ).toEqual([expect.stringMatching(/metric-catalogue/)]);
  });
});
