import { describe, expect, it } from '@jest/globals';
import { marker } from './layout.js';
import { isHolder } from './namespaces.js';

const line = (...words: readonly string[]): string => words.map((word) => `${word}\0`).join('');

describe('the process that holds a cluster', () => {
  it('is found as itself, and as what waits for it', () => {
    expect(isHolder(line('/cache/k8s-one/bin/pause', marker))).toBe(true);
    expect(isHolder(line('/usr/bin/unshare', '--net', '--', '/cache/k8s-one/bin/pause', marker))).toBe(true);
  });

  it.each([
    ['a pause of somebody’s pod', line('/pause')],
    ['a pause of another cluster', line('/opt/bin/pause', 'another/namespaces')],
    ['whoever looks for it', line('pgrep', '--full', marker)],
    ['an editor of a file of that name', line('vi', `/tmp/pause ${marker}`)],
    ['a process that has ended', ''],
  ])('is not %s', (_, commandLine) => {
    expect(isHolder(commandLine)).toBe(false);
  });
});
