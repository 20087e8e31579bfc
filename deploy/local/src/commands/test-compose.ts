/**
 * `npm run test:compose`: deploy/compose.yaml, brought up; see load-tests/compose. What needs a network is made here: images and a
 * certificate. Where we start the daemon, the test and it get a network namespace of their own, so that neither the firewall nor the
 * bridges of this machine are touched.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { buildImages, composeImages, connectDocker, haveStoreImages, type Docker } from '@cipherchat/images';
import {
  composeCommand,
  ExplainedError,
  findProgram,
  inheritedEnvironment,
  temporaryFolder,
} from '@cipherchat/test-kit';
import { build } from '../build.js';
import { runCommand } from '../command-line.js';
import { dockerDataDir, inRoot, root, versionOfProject } from '../repository.js';
import { tlsFilesIn } from '../tls.js';

const skipped = 3;
const say = (line: string): void => console.log(line);

await runCommand(async (passedOn) => {
  const docker = await dockerWithCompose();
  if ('missing' in docker) {
    say(`SKIPPED: test:compose has shown nothing. ${docker.missing}`);
    process.exitCode = skipped;
    return;
  }
  const folder = temporaryFolder('compose-command');
  try {
    const stores = await makeImages(docker);
    await build(say, ['load-tests/compose']);
    const { certFile, keyFile, caFile } = await tlsFilesIn({ folder: folder.path, now: new Date() });
    const network = docker.isStartedByUs ? 'own' : 'machine';
    const args = [
      '--enable-source-maps',
      inRoot('load-tests/compose/dist/main.js'),
      `--cert=${certFile}`,
      `--key=${keyFile}`,
      `--authority=${caFile}`,
      `--stores=${stores}`,
      `--docker-data=${dockerDataDir}`,
      `--network=${network}`,
      ...passedOn,
    ];
    process.exitCode = await runToItsEnd(
      network === 'own' ? [...apart(), process.execPath, ...args] : [process.execPath, ...args],
    );
  } finally {
    folder.remove();
  }
});

/** Docker, or what it lacks. */
async function dockerWithCompose(): Promise<Docker | { readonly missing: string }> {
  let docker: Docker | undefined;
  try {
    docker = await connectDocker({ dataDir: dockerDataDir, networks: 'none', say });
    await composeCommand({ docker: docker.program, say });
    return docker;
  } catch (error) {
    await docker?.stop();
    if (error instanceof ExplainedError) return { missing: error.message };
    throw error;
  }
}

/** Ours by their tags; of the stores whose they are. */
async function makeImages(docker: Docker): Promise<'upstream' | 'own'> {
  try {
    await buildImages({ docker, root, version: versionOfProject(), wanted: composeImages, say });
    const text = readFileSync(inRoot('deploy/compose.yaml'), 'utf8');
    const upstream = [...text.matchAll(/^ +image: (?!cipherchat\/)(\S+)$/gm)].map(([, image = '']) => image);
    return await haveStoreImages({ docker, upstream, say });
  } finally {
    await docker.stop();
  }
}

function apart(): readonly string[] {
  const unshare = findProgram('unshare');
  if (unshare === undefined) throw new ExplainedError('unshare is missing. It comes with util-linux.');
  return [unshare, '--net'];
}

/** It takes away what it made, also after Ctrl-C, which reaches it by itself, and when we are told to end. */
function runToItsEnd([program = '', ...args]: readonly string[]): Promise<number> {
  const child = spawn(program, args, {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: inheritedEnvironment(),
  });
  process.on('SIGINT', () => {});
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  process.once('disconnect', () => child.connected && child.disconnect());
  return new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
}
