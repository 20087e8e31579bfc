/** Who writes: pairs of light clients, through nginx at the NodePort. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { People } from '@cipherchat/faults';
import type { Kubectl } from './kubectl.js';
import { fullName, type Release } from './release.js';

const load = { rooms: 12, messagesPerSecond: 40 } as const;

export async function startPeople(params: {
  readonly release: Release;
  readonly kubectl: Kubectl;
  readonly folder: string;
}): Promise<People> {
  const { release, kubectl, folder } = params;
  const secret = await kubectl.get<{ readonly data: Readonly<Record<string, string>> }>([
    'secret',
    `${fullName}-tls`,
  ]);
  const authorityFile = path.join(folder, 'authority.pem');
  writeFileSync(authorityFile, Buffer.from(secret.data['ca.crt'] ?? '', 'base64'));
  const logFile = path.join(folder, 'people.log');
  return People.start({ serverUrl: release.publicUrl, authorityFile, logFile, ...load });
}
