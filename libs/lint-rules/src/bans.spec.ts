import { describe, expect, it } from '@jest/globals';
import { messagesOf } from './lint-snippet.fixture.js';

const feature = 'libs/client-sdk/src/feature.ts';
const rulesOf = (file: string, code: string): (string | null)[] =>
  messagesOf({ file, code }).map(({ ruleId }) => ruleId);
const lines = (count: number): string => `export const x = 1;\n${'// a line\n'.repeat(count - 1)}`;

describe('the bans', () => {
  it.each([
    ['cipherchat/no-enum', feature, 'export enum Kind { a }'],
    ['cipherchat/no-default-export', feature, 'export default 1;'],
    ['cipherchat/no-export-all', 'libs/client-sdk/src/index.ts', "export * from './client.js';"],
    ['@typescript-eslint/no-explicit-any', feature, 'export const x = 1 as any;'],
    ['@typescript-eslint/no-non-null-assertion', feature, 'export const f = (x?: number): number => x!;'],
    ['cipherchat/no-clock', feature, 'export const now = Date.now();'],
    ['cipherchat/no-clock', feature, 'export const now = new Date();'],
    [
      'cipherchat/no-clock',
      'apps/auth/src/devices/device.service.ts',
      'export const now = performance.now();',
    ],
    ['cipherchat/no-chance', feature, 'export const x = Math.random();'],
    ['cipherchat/no-timer', feature, 'setTimeout(() => {}, 1);'],
    [
      'cipherchat/no-timer',
      feature,
      "import { setTimeout as wait } from 'node:timers/promises';\nvoid wait(1);",
    ],
    ['cipherchat/no-environment', 'apps/auth/src/main.ts', "export const port = process.env['PORT'];"],
    [
      'cipherchat/no-environment',
      'apps/auth/src/main.ts',
      "import { env } from 'node:process';\nexport const x = env;",
    ],
    ['no-console', 'apps/auth/src/main.ts', "console.log('x');"],
    ['cipherchat/names', 'libs/client-sdk/src/utils.ts', 'export const x = 1;'],
    ['cipherchat/names', 'libs/client-sdk/src/inbox.types.ts', 'export const x = 1;'],
    ['cipherchat/names', 'libs/client-sdk/src/helpers/gap.ts', 'export const x = 1;'],
    ['cipherchat/names', 'libs/client-sdk/src/GapMark.ts', 'export const x = 1;'],
    ['@typescript-eslint/no-explicit-any', 'apps/web/src/view.tsx', 'export const x = <b>{1 as any}</b>;'],
    ['cipherchat/no-environment', 'apps/web/src/view.tsx', "export const x = <b>{process.env['PORT']}</b>;"],
    ['css/prefer-logical-properties', 'apps/web/src/chat/chat.css', 'a {\n  margin-left: 1px;\n}\n'],
    ['css/prefer-logical-properties', 'apps/web/src/chat/chat.css', 'a {\n  text-align: right;\n}\n'],
  ])('%s stops %s with %j', (rule, file, code) => {
    expect(rulesOf(file, code)).toEqual([rule]);
  });

  it.each([
    ['a date that is given', feature, 'export const at = new Date(0);'],
    [
      'a timer where a port is made of it',
      'libs/client-sdk/src/ports/clock.ts',
      'setTimeout(() => {}, Date.now());',
    ],
    ['a timer of a service', 'apps/gateway/src/socket/connection.ts', 'setTimeout(() => {}, 1);'],
    ['the environment in the file that reads it', 'apps/cli/src/config.ts', 'export const x = process.env;'],
    ['output of a command', 'apps/cli/src/main.ts', "console.log('x');"],
    ['what a tool insists on', 'jest.config.js', 'export default {};'],
    [
      'shortcuts of a test',
      'libs/client-sdk/src/feature.spec.ts',
      'export const f = (x?: any): number => x!;',
    ],
    [
      'sides that turn with the language',
      'apps/web/src/chat/chat.css',
      'a {\n  margin-inline-start: 1px;\n}\n',
    ],
    ['a word inside a name', 'libs/client-sdk/src/shared-servers.ts', 'export const x = 1;'],
  ])('leave alone %s', (_what, file, code) => {
    expect(rulesOf(file, code)).toEqual([]);
  });

  it('ask to split a file over 300 lines, and a spec over 500', () => {
    const spec = 'libs/client-sdk/src/feature.spec.ts';
    expect([rulesOf(feature, lines(300)), rulesOf(feature, lines(301))]).toEqual([[], ['max-lines']]);
    expect([rulesOf(spec, lines(500)), rulesOf(spec, lines(501))]).toEqual([[], ['max-lines']]);
  });

  it('say what to do instead', () => {
    expect(messagesOf({ file: feature, code: 'export const now = Date.now();' })[0]?.message).toMatch(
      /Take a clock/,
    );
  });

  it('refuse an exception that is no longer needed', () => {
    const [found] = messagesOf({
      file: feature,
      code: '// eslint-disable-next-line cipherchat/no-clock -- none\nexport const x = 1;\n',
    });
    expect(found?.message).toMatch(/Unused eslint-disable/);
  });
});
