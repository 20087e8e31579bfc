/** The image of the command line, as a person runs it who has Docker and nothing else. */
import path from 'node:path';
import type { Docker } from '@cipherchat/images';

/** What accounts keep. */
const volume = 'cipherchat-test-people';
const authority = '/run/authority.pem';

export class CommandLine {
  constructor(
    private readonly params: {
      readonly docker: Docker;
      readonly version: string;
      readonly url: string;
      readonly authorityFile: string;
    },
  ) {}

  /** What it printed. @throws ExplainedError with what it said when it does not succeed */
  run(args: readonly string[]): Promise<string> {
    const { docker, version, url, authorityFile } = this.params;
    return docker.must([
      'run',
      '--rm',
      '--network=host',
      '--read-only',
      '--cap-drop=ALL',
      '--security-opt=no-new-privileges',
      `--volume=${volume}:/data`,
      `--volume=${path.resolve(authorityFile)}:${authority}:ro`,
      `--env=NODE_EXTRA_CA_CERTS=${authority}`,
      `--env=CIPHERCHAT_SERVER=${url}`,
      `cipherchat/cli:${version}`,
      ...args,
    ]);
  }

  async remove(): Promise<void> {
    await this.params.docker.run(['volume', 'rm', '--force', volume]);
  }
}
