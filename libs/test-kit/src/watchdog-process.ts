/**
 * The watchdog: a process of its own that outlives its parent by a moment. It learns over its standard
 * input which processes and temporary folders the parent made. When that pipe closes, which the kernel
 * does even after SIGKILL, it ends those processes and removes those folders.
 *
 * Run by Node directly from this source file (it needs no build), so it imports nothing of ours.
 * One line per fact: `process <pid> <start signal>`, `gone <pid>`, `folder <path>`, `removed <path>`.
 */
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';

const graceMs = 5_000;
const pollMs = 20;
const processes = new Map<number, NodeJS.Signals>();
const folders = new Set<string>();

function learn(line: string): void {
  const [verb, ...words] = line.split(' ');
  const subject = words.join(' ');
  if (verb === 'process') processes.set(Number(words[0]), words[1] as NodeJS.Signals);
  if (verb === 'gone') processes.delete(Number(words[0]));
  if (verb === 'folder') folders.add(subject);
  if (verb === 'removed') folders.delete(subject);
}

function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false; // it is gone
  }
}

/** One folder that cannot be removed must not keep the others. */
function remove(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  } catch {
    // There is nobody left to tell.
  }
}

async function cleanUp(): Promise<void> {
  for (const [pid, stopSignal] of processes) signal(pid, stopSignal);
  const deadline = performance.now() + graceMs;
  while ([...processes.keys()].some((pid) => signal(pid, 0)) && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
  for (const pid of processes.keys()) signal(pid, 'SIGKILL');
  for (const folder of folders) remove(folder);
}

// A Ctrl-C in a terminal reaches every process of the group; this one must stay until the pipe closes.
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => {});
const lines = createInterface({ input: process.stdin });
lines.on('line', learn);
lines.on('close', () => void cleanUp());
