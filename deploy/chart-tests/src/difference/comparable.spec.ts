/** What counts as a difference between two versions of the chart. */
import { describe, expect, it } from '@jest/globals';
import { comparableFiles } from './comparable.js';

const secret = (password: string): string =>
  `apiVersion: v1\nkind: Secret\nmetadata: { name: keys }\nstringData: { password: ${password} }\n`;
const service = (port: number): string =>
  `apiVersion: v1\nkind: Service\nmetadata: { name: web }\nspec: { ports: [{ port: ${port} }], type: ClusterIP }\n`;

describe('two renderings', () => {
  it('are the same when only what is made at random differs', () => {
    expect(comparableFiles(secret('one'))).toEqual(comparableFiles(secret('two')));
  });

  it('are the same in another order', () => {
    expect(comparableFiles(`${secret('a')}---\n${service(80)}`)).toEqual(
      comparableFiles(`# Source: a\n${service(80)}---\n${secret('a')}`),
    );
  });

  it('differ in a setting, a key of a secret, or an object', () => {
    expect(comparableFiles(service(80))).not.toEqual(comparableFiles(service(81)));
    expect(comparableFiles(secret('a'))).not.toEqual(
      comparableFiles(secret('a').replace('password', 'token')),
    );
    expect(comparableFiles(service(80))).not.toEqual(comparableFiles(`${service(80)}---\n${secret('a')}`));
  });
});
