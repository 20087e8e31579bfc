import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';

describe.each([
  ['of the binding', '../pkg/', 'mls'],
  ['of the client for the official vectors', '../vectors/pkg/', 'vectors'],
])('the committed build %s', (_what, folder, stem) => {
  const pkg = new URL(folder, import.meta.url);
  const lines = readFileSync(new URL('SHA256SUMS', pkg), 'utf8').trimEnd().split('\n');

  it('lists the binary, the glue and its types', () => {
    expect(lines.map((line) => line.split('  ')[1])).toEqual([`${stem}.wasm`, `${stem}.js`, `${stem}.d.ts`]);
  });

  it.each(lines.map((line) => line.split('  ') as [string, string]))(
    'is the one whose hash %s is committed for %s',
    (sum, name) => {
      expect(
        createHash('sha256')
          .update(readFileSync(new URL(name, pkg)))
          .digest('hex'),
      ).toBe(sum);
    },
  );

  it('names no path of the machine that built it', () => {
    const text = readFileSync(new URL(`${stem}.wasm`, pkg)).toString('latin1');
    expect(text.match(/\/(root|home|Users|work)\/[\w./-]*|\.cargo\/registry/)).toBeNull();
  });
});
