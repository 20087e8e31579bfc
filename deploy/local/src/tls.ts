import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { generate, type SubjectAltNameEntry } from 'selfsigned';
import { inData } from './repository.js';

/** Files of the certificates that `--tls` uses. Programs that trust `caFile` accept the server. */
export type TlsFiles = { readonly caFile: string; readonly certFile: string; readonly keyFile: string };

const validDays = 365;
const renewBeforeDays = 30;
const dayMs = 24 * 60 * 60 * 1000;
const loopbackNames = [
  { type: 2, value: 'localhost' },
  { type: 7, ip: '127.0.0.1' },
  { type: 7, ip: '::1' },
] satisfies SubjectAltNameEntry[];

/** An authority of this checkout's own and a certificate of it for the loopback names; made anew before they expire. */
export function tlsFiles(now: Date): Promise<TlsFiles> {
  return tlsFilesIn({ folder: inData('tls'), now });
}

export async function tlsFilesIn(params: { readonly folder: string; readonly now: Date }): Promise<TlsFiles> {
  const { folder, now } = params;
  const file = (name: string): string => path.join(folder, name);
  const files = { caFile: file('ca.pem'), certFile: file('server.pem'), keyFile: file('server-key.pem') };
  const expiryFile = file('renew-at');
  if (existsSync(expiryFile) && Number(readFileSync(expiryFile, 'utf8')) > now.getTime()) return files;

  const common = {
    keyType: 'ec' as const,
    algorithm: 'sha256',
    notBeforeDate: new Date(now.getTime() - dayMs),
    notAfterDate: new Date(now.getTime() + validDays * dayMs),
  };
  const authority = await generate([{ name: 'commonName', value: 'CipherChat on this machine' }], {
    ...common,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  const server = await generate([{ name: 'commonName', value: 'localhost' }], {
    ...common,
    ca: { key: authority.private, cert: authority.cert },
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: loopbackNames },
    ],
  });
  // The authority's own key is not kept: nothing else can be signed with it.
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(files.caFile, authority.cert);
  writeFileSync(files.certFile, server.cert);
  writeFileSync(files.keyFile, server.private, { mode: 0o600 });
  writeFileSync(expiryFile, String(now.getTime() + (validDays - renewBeforeDays) * dayMs));
  return files;
}
