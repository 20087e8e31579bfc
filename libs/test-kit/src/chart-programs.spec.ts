import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { goModule, helmProgram, kubeconformProgram } from './chart-programs.js';
import { temporaryFolder, type TemporaryFolder } from './temporary-folder.js';

/** A machine with the programs that a test gives it, and no other. They are shell scripts; nothing is installed. */
describe('finding what the chart’s tests run', () => {
  let machine: TemporaryFolder;
  let said: string[];
  const say = (line: string): void => void said.push(line);

  beforeEach(() => {
    machine = temporaryFolder('machine');
    said = [];
    jest.replaceProperty(process, 'env', {
      PATH: path.join(machine.path, 'bin'),
      CIPHERCHAT_ONLY_PATH: '1',
      XDG_CACHE_HOME: path.join(machine.path, 'cache'),
    });
  });
  afterEach(() => {
    machine.remove();
    jest.restoreAllMocks();
  });

  const has = (name: string, script: string): string => {
    const file = path.join(machine.path, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    return file;
  };
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
