/** What stands in front of a cluster: upstream's image, or one of this machine's program. */
import path from 'node:path';
import { copyProgram, writeOwnImage } from '@cipherchat/images';

export const upstreamTraefik = 'traefik:v3.7.12';
export const ownTraefik = 'cipherchat-test/traefik:own';

export function writeTraefikImage(params: {
  readonly program: string;
  readonly folder: string;
}): Promise<string> {
  const { program, folder } = params;
  return writeOwnImage({
    name: ownTraefik,
    settings: { entrypoint: ['/usr/bin/traefik'], command: [], stopSignal: 'SIGTERM' },
    fill: (files) => copyProgram({ files, from: program, to: '/usr/bin/traefik' }),
    archive: path.join(folder, 'traefik.tar'),
  });
}
