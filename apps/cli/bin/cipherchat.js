#!/usr/bin/env node
/**
 * Starts the command line under a Node.js that can run it. It needs version 24 (SQLite in the standard
 * library); an older one is common, so the workspace carries its own as an npm package, which is used then.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const neededMajor = 24;
const program = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const exitFailure = 1;

if (!existsSync(program)) {
  process.stderr.write('cipherchat: not built yet. In the checkout run: npm start (or: npm run build)\n');
  process.exitCode = exitFailure;
} else if (Number(process.versions.node.split('.')[0]) >= neededMajor) {
  await import(program);
} else {
  runUnder(packagedNode());
}

/** @returns {string | undefined} */
function packagedNode() {
  try {
    return createRequire(import.meta.url).resolve('node/bin/node');
  } catch {
    return undefined;
  }
}

/** @param {string | undefined} node */
function runUnder(node) {
  if (node === undefined) {
    process.stderr.write(
      `cipherchat: needs Node.js ${neededMajor} or newer; this is ${process.versions.node}\n`,
    );
    process.exitCode = exitFailure;
    return;
  }
  const child = spawn(node, [program, ...process.argv.slice(2)], { stdio: 'inherit' });
  // The terminal sends Ctrl-C to both processes; this one only waits for the other to end in order.
  process.on('SIGINT', () => {});
  for (const name of ['SIGTERM', 'SIGHUP']) process.on(name, () => child.kill(name));
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? (signal === 'SIGINT' ? 130 : exitFailure);
  });
}
