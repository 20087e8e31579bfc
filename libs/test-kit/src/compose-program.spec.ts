import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { bareMachine } from './bare-machine.fixture.js';
import { composeCommand } from './compose-program.js';

describe('finding Docker Compose', () => {
  const machine = bareMachine();
  const { said, say, has } = machine;
  const dockerWithoutPlugin = (): string => has('bin/docker', 'exit 1');

  it('takes the plugin of this Docker', async () => {
    const docker = has('bin/docker', '[ "$1" = compose ]');
    expect(await composeCommand({ docker, say })).toEqual([docker, 'compose']);
    expect(said).toEqual([]);
  });

  it('builds one with Go where there is none, once, as what a module of our own needs', async () => {
    const docker = dockerWithoutPlugin();
    has(
      'bin/go',
      'case "$1" in mod) : > go.mod;; get) [ -e go.mod ] && : > go.sum;; build) [ -e go.sum ] || exit 1; while [ "$1" != -o ]; do shift; done; echo "#!/bin/sh" > "$2"; /bin/chmod +x "$2";; esac',
    );
    const file = path.join(machine.path, 'cache/cipherchat/bin/docker-compose-2.40.3');
    for (let time = 0; time < 2; time++) expect(await composeCommand({ docker, say })).toEqual([file]);
    expect(said).toEqual([expect.stringMatching(/^Building Docker Compose 2\.40\.3 with Go as /)]);
  });

  it('says what Go said, and how else to get it', async () => {
    const docker = dockerWithoutPlugin();
    await expect(composeCommand({ docker, say })).rejects.toThrow(/^Docker Compose is missing.*install Go/);
    has('bin/go', 'echo no network >&2; exit 1');
    await expect(composeCommand({ docker, say })).rejects.toThrow(/^Docker Compose is missing/);
    expect(said[1]).toBe('Go could not build it: no network');
  });
});
