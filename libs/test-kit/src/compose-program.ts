/** Docker Compose, and the reader that it itself uses, as a program that holds a file against the specification. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { inheritedEnvironment } from './config.js';
import { ExplainedError } from './explained-error.js';
import { findProgram, isExecutable, programCache, run } from './find-program.js';
import { buildWithGo, type Say } from './install-program.js';
import { temporaryFolder } from './temporary-folder.js';

const reader = { module: 'github.com/compose-spec/compose-go/v2/cmd', version: '2.16.2' } as const;
const compose = { module: 'github.com/docker/compose/v2', version: '2.40.3' } as const;

export async function composeReaderProgram(say: Say): Promise<string> {
  // Go names a program by its folder, and this one's says little.
  const folder = path.join(programCache(), `compose-go-${reader.version}`);
  const file = path.join(folder, 'cmd');
  if (isExecutable(file)) return file;
  const built = await buildWithGo({ program: 'cmd', folder, ...reader, takes: 'some seconds', say });
  if (built !== undefined) return built;
  throw new ExplainedError('compose-go is missing. To get it: install Go (it then comes by itself).');
}

/** What to call with the arguments of `docker compose`: the plugin of this Docker, else a program that Go builds. */
export async function composeCommand(params: {
  readonly docker: string;
  readonly say: Say;
}): Promise<readonly [program: string, ...args: string[]]> {
  const { docker, say } = params;
  if ((await run({ program: docker, args: ['compose', 'version'] })).status === 0) return [docker, 'compose'];
  const file = path.join(programCache(), `docker-compose-${compose.version}`);
  if (isExecutable(file)) return [file];
  const go = findProgram('go');
  if (go !== undefined && (await buildCompose({ go, file, say }))) return [file];
  throw new ExplainedError(
    'Docker Compose is missing. To get it: docs.docker.com/compose/install, or install Go (it then comes by itself).',
  );
}

/** `go install` takes no module that excludes versions of others; as what a module of our own needs Go takes it. */
async function buildCompose(params: {
  readonly go: string;
  readonly file: string;
  readonly say: Say;
}): Promise<boolean> {
  const { go, file, say } = params;
  const { module, version } = compose;
  say(`Building Docker Compose ${version} with Go as ${file} (once; three or four minutes).`);
  mkdirSync(path.dirname(file), { recursive: true });
  const folder = temporaryFolder('build-compose');
  const env = inheritedEnvironment({ GOFLAGS: '' });
  try {
    for (const args of [
      ['mod', 'init', 'cipherchat.test/compose'],
      ['get', `${module}/cmd@v${version}`],
      [
        'build',
        '-trimpath',
        `-ldflags=-s -w -X ${module}/internal.Version=v${version}`,
        '-o',
        file,
        `${module}/cmd`,
      ],
    ]) {
      const { status, stderr } = await run({ program: go, args, env, cwd: folder.path });
      if (status === 0) continue;
      say(`Go could not build it: ${stderr.trim().split('\n').at(-1)}`);
      return false;
    }
    return true;
  } finally {
    folder.remove();
  }
}
