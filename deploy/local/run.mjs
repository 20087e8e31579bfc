/**
 * `node deploy/local/run.mjs <command> [arguments]`: what the npm scripts call. It runs on any Node that npm
 * runs on, needs no package installed, and does three things: `npm ci` when node_modules does not match the
 * lock file, then the command (`src/commands/<command>.ts`) under the project's own Node, then passing signals on.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const oldestNode = [20, 19];
/** npm waits for ever for a download that stalls half-way. A whole install takes one or two minutes. */
const installTimeoutMs = 10 * 60_000;
const maxInstalls = 3;
const parentPollMs = 500;

checkNode();
installIfNeeded();
runUnderOwnNode(process.argv.slice(2));

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const [oldestMajor, oldestMinor] = oldestNode;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return;
  fail(
    `Node ${oldestNode.join('.')} or newer is needed; this is ${process.versions.node}. Get one from your system's packages or nodejs.org.`,
  );
}

function installIfNeeded() {
  const difference = firstDifference();
  if (difference === undefined) return;
  console.log(`Installing the npm packages of the lock file (${difference}).`);
  // npm's own path when npm started us, else the one on PATH.
  const npm = process.env.npm_execpath;
  const [program, ...prefix] = npm?.endsWith('.js') ? [process.execPath, npm] : ['npm'];
  // `error`: the project's Node is among the packages, so complaints about this one's age mean nothing.
  const args = [...prefix, 'ci', '--loglevel=error'];
  for (let tries = 1; ; tries++) {
    const { status, error } = spawnSync(program, args, {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: environment(),
      timeout: installTimeoutMs,
    });
    if (error?.code === 'ETIMEDOUT' && tries < maxInstalls) {
      console.log('npm did not end within 10 minutes; once more, with what it has downloaded so far.');
      continue;
    }
    if (error?.code === 'ETIMEDOUT') fail('npm cannot download the packages of the lock file.');
    if (error !== undefined) fail(`npm is missing (${error.message}). It comes with Node.`);
    if (status !== 0) process.exit(status ?? 1);
    return;
  }
}

/** Why node_modules is not what the lock file says, by content: times of files say nothing after `git clone`. */
function firstDifference() {
  const installedFile = path.join(root, 'node_modules/.package-lock.json');
  if (!existsSync(installedFile)) return 'none are installed';
  const wanted = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')).packages;
  const installed = JSON.parse(readFileSync(installedFile, 'utf8')).packages;
  for (const [name, entry] of Object.entries(wanted)) {
    // Optional packages are for other platforms; entries without node_modules/ are our own folders.
    if (!name.includes('node_modules/') || entry.optional || entry.devOptional || entry.extraneous) continue;
    if (installed[name] === undefined) return `${name} is missing`;
    if (installed[name].version !== entry.version) return `${name} is another version`;
  }
  return undefined;
}

function runUnderOwnNode([command, ...args]) {
  const source = path.join(root, 'deploy/local/src/commands', `${command}.ts`);
  if (command === undefined || !existsSync(source))
    fail(`There is no command ${command ?? '(none given)'} in deploy/local/src/commands.`);
  const loader = pathToFileURL(path.join(root, 'libs/test-kit/typescript-sources.mjs')).href;
  const child = spawn(
    ownNode(),
    ['--conditions=@cipherchat/source', '--enable-source-maps', '--import', loader, source, ...args],
    {
      // The fourth is a channel that closes when this process dies, however it dies: the command then stops too.
      stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
      env: environment(),
    },
  );
  // Ctrl-C reaches the command by itself (same terminal); SIGTERM is sent to us alone.
  process.on('SIGINT', () => {});
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  stopWhenNpmDies(() => child.connected && child.disconnect());
  child.once('error', (error) =>
    fail(`Cannot run Node from node_modules (${error.message}). Remove node_modules and try again.`),
  );
  child.once('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

/** npm passes signals on, but nobody can pass on SIGKILL: notice that our parent has changed. */
function stopWhenNpmDies(stop) {
  if (process.env.npm_lifecycle_event === undefined) return;
  const npm = process.ppid;
  setInterval(() => process.ppid !== npm && stop(), parentPollMs).unref();
}

function ownNode() {
  try {
    return createRequire(path.join(root, 'package.json')).resolve('node/bin/node');
  } catch {
    return fail(
      'The npm package `node` is incomplete: its install script did not run. Remove node_modules and run npm ci without --ignore-scripts.',
    );
  }
}

/** The project's programs, its Node among them, come first. */
function environment() {
  const bin = path.join(root, 'node_modules/.bin');
  return { ...process.env, PATH: `${bin}${path.delimiter}${process.env.PATH ?? ''}` };
}

function fail(line) {
  console.error(line);
  process.exit(1);
}
