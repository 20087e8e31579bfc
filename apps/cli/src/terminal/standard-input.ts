/** What is piped in, or typed, where no argument says it. */
import type { Context } from '../context.js';

export async function readStandardInput({ output }: Context, what: string): Promise<string> {
  if (process.stdin.isTTY) output.note(`Type ${what}; end it with Ctrl-D on a line of its own.`);
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('utf8');
  // A shell's `echo` adds one line feed that nobody meant.
  return text.endsWith('\n') ? text.slice(0, -1) : text;
}
