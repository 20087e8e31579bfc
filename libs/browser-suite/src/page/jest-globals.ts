/**
 * `@jest/globals` in a page. The runner is mocha's browser build, which is made for this; the matchers and
 * the tables are Jest's own packages (`expect`, `jest-each`), so that a spec means the same here as in Node.
 * (Jest's own runner, jest-circus, wants async_hooks, assert and more of Node, and has no browser build.)
 */
import { expect as jestExpect } from 'expect';
import { bind } from 'jest-each';
import { format } from 'pretty-format';

type Body = () => unknown;
type Register = (title: string, body: Body) => unknown;

/** As `testTimeout` in jest.config.js. */
const defaultTimeoutMs = 30_000;

const page = globalThis as unknown as Record<
  'describe' | 'it' | 'before' | 'after' | 'beforeEach' | 'afterEach',
  Register
> &
  Record<'before' | 'after' | 'beforeEach' | 'afterEach', (body: Body) => void>;

/** Mocha takes the time limit from `this`; Jest as the last argument. */
function limited(body: Body, timeoutMs = defaultTimeoutMs): Body {
  return function (this: { timeout(ms: number): void }) {
    this.timeout(timeoutMs);
    return body();
  };
}

const registerTest = (title: string, body: Body, timeoutMs?: number): void => {
  page.it(title, limited(body, timeoutMs));
};
const registerSuite = (title: string, body: Body): void => {
  // Mocha's describe does not mind what its body returns, Jest's does: nothing is awaited in either.
  page.describe(title, () => void body());
};

export const it = Object.assign(registerTest, { each: bind(registerTest as never) });
export const test = it;
export const describe = Object.assign(registerSuite, { each: bind(registerSuite as never, false) });
export const beforeAll = (body: Body, timeoutMs?: number): void => page.before(limited(body, timeoutMs));
export const afterAll = (body: Body, timeoutMs?: number): void => page.after(limited(body, timeoutMs));
export const beforeEach = (body: Body, timeoutMs?: number): void => page.beforeEach(limited(body, timeoutMs));
export const afterEach = (body: Body, timeoutMs?: number): void => page.afterEach(limited(body, timeoutMs));

/** The one matcher that belongs to Jest's runner and not to `expect`. It only compares; Jest in Node writes. */
jestExpect.extend({
  toMatchInlineSnapshot(received: unknown, snapshot: unknown) {
    const printed = format(received, {
      escapeRegex: true,
      indent: 2,
      printFunctionName: false,
      escapeString: false,
    });
    const pass = typeof snapshot === 'string' && withoutIndentation(snapshot) === withoutIndentation(printed);
    return { pass, message: () => `the inline snapshot differs: received ${printed}` };
  },
});

function withoutIndentation(text: string): string {
  return text
    .split('\n')
    .map((line) => line.trim())
    .join('\n')
    .trim();
}

export const expect = jestExpect;
