/** A certificate as an organisation's own authority signs it. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { run, temporaryFolder } from '@cipherchat/test-kit';

/** PEM. */
export type SignedCertificate = {
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
};

const days = '1';
const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

/** @throws Error with what OpenSSL said */
export async function signCertificate(hosts: readonly string[]): Promise<SignedCertificate> {
  const folder = temporaryFolder('cluster-authority');
  const at = (name: string): string => path.join(folder.path, name);
  const openssl = async (args: readonly string[]): Promise<void> => {
    const { status, stderr } = await run({ program: 'openssl', args });
    if (status !== 0) throw new Error(`openssl: ${stderr.trim()}`);
  };
  try {
    writeFileSync(
      at('extensions'),
      [
        'basicConstraints=critical,CA:FALSE',
        'extendedKeyUsage=serverAuth',
        `subjectAltName=${hosts.map((host) => `DNS:${host}`).join(',')}`,
      ].join('\n'),
    );
    await openssl([
      ...['req', '-x509', '-days', days, '-subj', '/CN=test authority', ...newKey],
      ...['-addext', 'keyUsage=critical,keyCertSign', '-keyout', at('ca.key'), '-out', at('ca.crt')],
    ]);
    await openssl(['req', '-subj', '/CN=test', ...newKey, '-keyout', at('key'), '-out', at('request')]);
    await openssl([
      ...['x509', '-req', '-days', days, '-in', at('request'), '-CA', at('ca.crt'), '-CAkey', at('ca.key')],
      ...['-CAcreateserial', '-extfile', at('extensions'), '-out', at('crt')],
    ]);
    const read = (name: string): string => readFileSync(at(name), 'utf8');
    return { authority: read('ca.crt'), certificate: read('crt'), key: read('key') };
  } finally {
    folder.remove();
  }
}
