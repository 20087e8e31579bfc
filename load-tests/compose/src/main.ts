/**
 * The program of `npm run test:compose`, which makes what it needs: deploy/compose.yaml for real, brought up, met by people, restarted,
 * taken down and upgraded; see README.md.
 */
import path from 'node:path';
import { lastLine, People, runCases, tableHead } from '@cipherchat/faults';
import { composeImages, connectDocker, tagOf, type Docker } from '@cipherchat/images';
import { ExplainedError, findProgram, randomFreePort, run, temporaryFolder } from '@cipherchat/test-kit';
import { cases } from './cases/all.js';
import { suffix } from './cases/upgrade.js';
import { CommandLine } from './command-line.js';
import { Deployment } from './deployment.js';
import { openPorts } from './edge.js';
import { optionsOf, type Options } from './options.js';

const exitCodes = { failed: 1, usage: 2, interrupted: 130 } as const;
/** As many accounts as one address may make at once. */
const load = { rooms: 3, messagesPerSecond: 12 } as const;

const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => interruption.abort(new Error('interrupted')));
// Whoever started us is gone.
process.once('disconnect', () => interruption.abort(new Error('interrupted')));
const { signal: interrupted } = interruption;
const say = (line: string): void => {
  if (!interrupted.aborted) console.log(line);
};

try {
  process.exitCode = await main(optionsOf(process.argv.slice(2)));
} catch (error) {
  // What was under way may not end by itself.
  if (interrupted.aborted) process.exit(exitCodes.interrupted);
  if (!(error instanceof ExplainedError)) throw error;
  console.error(error.message);
  process.exitCode = exitCodes.usage;
}
if (process.connected) process.disconnect();

async function main(options: Options): Promise<number> {
  const chosen = wanted(options.only);
  if (options.network === 'own') await bringUpLoopback();
  const portsBefore = openPorts();
  const docker = await connectDocker({ dataDir: options.dockerData, networks: 'full', say });
  const folder = temporaryFolder('compose-test');
  try {
    const port = await randomFreePort();
    const deployment = await Deployment.prepare({
      ...options,
      docker,
      folder: folder.path,
      port,
      interrupted,
      say,
    });
    const { url, version } = deployment;
    const { authorityFile } = options;
    const cli = new CommandLine({ docker, version, url, authorityFile });
    await cli.remove();
    try {
      say(tableHead());
      const logFile = path.join(folder.path, 'people.log');
      const results = await untilInterrupted(
        runCases({
          cases: chosen,
          startPeople: () => People.start({ serverUrl: url, authorityFile, logFile, ...load }),
          worldWith: (people) => ({ docker, deployment, cli, portsBefore, people }),
          say,
        }),
      );
      say('');
      say(lastLine('compose', results));
      return results.some(({ failures }) => failures.length > 0) ? exitCodes.failed : 0;
    } finally {
      await deployment.remove();
      await cli.remove();
      await removeTags(docker, version);
    }
  } finally {
    await docker.stop();
    folder.remove();
  }
}

/** Everything stands on the first. */
function wanted(only: readonly string[]) {
  const unknown = only.filter((name) => !cases.some((each) => each.name === name));
  if (unknown.length > 0)
    throw new ExplainedError(
      `There is no case ${unknown.join(', ')}; there are ${cases.map(({ name }) => name).join(', ')}.`,
    );
  return only.length === 0 ? cases : cases.filter(({ name }, index) => index === 0 || only.includes(name));
}

/** A network namespace begins without. */
async function bringUpLoopback(): Promise<void> {
  const program = findProgram('ip') ?? 'ip';
  const { status, stderr } = await run({ program, args: ['link', 'set', 'lo', 'up'] });
  if (status !== 0)
    throw new ExplainedError(`The loopback interface could not be brought up: ${stderr.trim()}`);
}

/** What is under way ends by itself: its programs were told to. */
function untilInterrupted<Result>(work: Promise<Result>): Promise<Result> {
  const told = new Promise<never>((_, reject) => {
    interrupted.addEventListener('abort', () => reject(interrupted.reason as Error), { once: true });
  });
  return Promise.race([work, told]);
}

async function removeTags(docker: Docker, version: string): Promise<void> {
  const tags = composeImages.map(({ name }) => tagOf(name, `${version}${suffix}`));
  await docker.run(['image', 'rm', '--force', ...tags]);
}
