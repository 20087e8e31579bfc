/** What holds a Compose file against the specification: the reader that Docker Compose itself uses, as a program. */
import path from 'node:path';
import { ExplainedError } from './explained-error.js';
import { isExecutable, programCache } from './find-program.js';
import { buildWithGo, type Say } from './install-program.js';

const module = 'github.com/compose-spec/compose-go/v2/cmd';
const version = '2.16.2';

export async function composeReaderProgram(say: Say): Promise<string> {
  // Go names a program by its folder, and this one's says little.
  const folder = path.join(programCache(), `compose-go-${version}`);
  const file = path.join(folder, 'cmd');
  if (isExecutable(file)) return file;
  const built = await buildWithGo({ program: 'cmd', folder, module, version, takes: 'some seconds', say });
  if (built !== undefined) return built;
  throw new ExplainedError('compose-go is missing. To get it: install Go (it then comes by itself).');
}
