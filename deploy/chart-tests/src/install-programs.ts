/** What the specs run: built once, before jest starts several of them at a time. */
import { fileURLToPath } from 'node:url';
import {
  ExplainedError,
  helmProgram,
  kubeconformProgram,
  natsServerProgram,
  nginxProgram,
  type Say,
} from '@cipherchat/test-kit';
import { writeSchemas } from './schemas/schema-folder.js';

export async function installPrograms(say: Say): Promise<void> {
  await helmProgram({ major: 3, say });
  await kubeconformProgram(say);
  await natsServerProgram(say);
  await nginxProgram(say);
  await writeSchemas(say);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    await installPrograms((line) => console.log(line));
  } catch (error) {
    process.exitCode = 1;
    console.error(error instanceof ExplainedError ? error.message : error);
  }
}
