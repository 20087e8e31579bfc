import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { goModule, helmProgram, kubeconformProgram } from './chart-programs.js';
import { bareMachine } from './bare-machine.fixture.js';

describe('finding what the chart’s tests run', () => {
  const machine = bareMachine();
  const { said, say, has } = machine;
  const goThatBuilds = (): string =>
    has(
      'bin/go',
      'echo "#!/bin/sh" > $GOBIN/${2##*/cmd/}_; for f in helm kubeconform; do /bin/cp $GOBIN/*_ $GOBIN/$f; /bin/chmod +x $GOBIN/$f; done',
    );

  it('takes a Helm that is installed and recent enough, of the major version that is asked for', async () => {
    const file = has('bin/helm', 'echo v3.18.4+gd80839c');
    expect(await helmProgram({ major: 3, say })).toBe(file);
    await expect(helmProgram({ major: 4, say })).rejects.toThrow(/helm 4.* install Go/);
    expect(said).toEqual([]);
  });

  it('prefers the Helm that it built before, which tells no patch version', async () => {
    has('bin/helm', 'echo v3.18.4');
    const file = has('cache/cipherchat/bin/helm-3/helm', 'echo v3.22');
    expect(await helmProgram({ major: 3, say })).toBe(file);
  });

  it('builds each major version into a folder of its own where there is only an older one', async () => {
    has('bin/helm', 'echo v3.12.0');
    goThatBuilds();
    for (const major of [3, 4] as const)
      expect(await helmProgram({ major, say })).toBe(
        path.join(machine.path, `cache/cipherchat/bin/helm-${major}/helm`),
      );
    expect(said).toEqual([expect.stringContaining('helm 3.'), expect.stringContaining('helm 4.')]);
  });

  it('builds kubeconform once', async () => {
    goThatBuilds();
    const file = await kubeconformProgram(say);
    expect(await kubeconformProgram(say)).toBe(file);
    expect(said).toHaveLength(1);
  });

  it('says what Go said of a module that it does not get, and where there is no Go', async () => {
    const params = { module: 'example.org/module', version: '1.2.3' };
    await expect(goModule(params)).rejects.toThrow(/install Go/);
    has('bin/go', `echo '{"Error": "no such version"}'; exit 1`);
    await expect(goModule(params)).rejects.toThrow('no such version');
    has('bin/go', `echo '{"Dir": "/sources"}'`);
    expect(await goModule(params)).toBe('/sources');
  });
});
