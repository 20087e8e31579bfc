/** Who may speak to whom: certificates of a throw-away authority, for as long as the cluster lives. */
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { ExplainedError, findProgram, run } from '@cipherchat/test-kit';
import {
  addresses,
  apiUrl,
  certificateFile,
  fromOutside,
  keyFile,
  kubeconfigFile,
  nodeName,
} from './layout.js';

const days = '30';
const ownerOnly = 0o600;

type Certificate = {
  readonly name: string;
  readonly subject: string;
  readonly use: 'serverAuth' | 'clientAuth';
  readonly authority: 'ca' | 'front-proxy-ca';
  readonly names?: readonly string[];
};

const certificates: readonly Certificate[] = [
  {
    name: 'apiserver',
    subject: '/CN=kube-apiserver',
    use: 'serverAuth',
    authority: 'ca',
    names: [
      `IP:${addresses.node}`,
      `IP:${addresses.apiService}`,
      'DNS:kubernetes.default.svc',
      'DNS:kubernetes.default.svc.cluster.local',
    ],
  },
  {
    name: 'kubelet-server',
    subject: `/O=system:nodes/CN=system:node:${nodeName}`,
    use: 'serverAuth',
    authority: 'ca',
    names: [`IP:${addresses.node}`, `DNS:${nodeName}`],
  },
  {
    name: 'kubelet',
    subject: `/O=system:nodes/CN=system:node:${nodeName}`,
    use: 'clientAuth',
    authority: 'ca',
  },
  // The person at the terminal, and what belongs to the control plane.
  { name: 'admin', subject: '/O=system:masters/CN=admin', use: 'clientAuth', authority: 'ca' },
  {
    name: 'front-proxy-client',
    subject: '/CN=front-proxy-client',
    use: 'clientAuth',
    authority: 'front-proxy-ca',
  },
];

export async function writeCertificates(): Promise<void> {
  for (const authority of ['ca', 'front-proxy-ca'])
    await request(authority, ['-subj', `/CN=one-node ${authority}`]);
  for (const { name, subject, use, authority, names = [] } of certificates)
    await request(name, [
      ...['-subj', subject, '-CA', fromOutside(certificateFile(authority))],
      ...['-CAkey', fromOutside(keyFile(authority))],
      ...['-addext', 'basicConstraints=critical,CA:FALSE', '-addext', `extendedKeyUsage=${use}`],
      ...(names.length === 0 ? [] : ['-addext', `subjectAltName=${names.join(',')}`]),
    ]);
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  write(fromOutside(keyFile('accounts')), privateKey.export({ type: 'pkcs8', format: 'pem' }));
  write(fromOutside(certificateFile('accounts')), publicKey.export({ type: 'spki', format: 'pem' }));
  write(kubeconfigFile, kubeconfigOf('admin'));
  for (const name of ['admin', 'kubelet'])
    write(fromOutside(`/var/lib/one-node/${name}.kubeconfig`), kubeconfigOf(name));
}

function kubeconfigOf(name: string): string {
  const base64 = (file: string): string => readFileSync(fromOutside(file)).toString('base64');
  const cluster = { server: apiUrl, 'certificate-authority-data': base64(certificateFile('ca')) };
  const user = {
    'client-certificate-data': base64(certificateFile(name)),
    'client-key-data': base64(keyFile(name)),
  };
  // Which is YAML, too.
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: nodeName, cluster }],
    users: [{ name, user }],
    contexts: [{ name: nodeName, context: { cluster: nodeName, user: name } }],
    'current-context': nodeName,
  });
}

/** A key and its certificate; signed by itself unless the arguments name an authority. */
async function request(name: string, args: readonly string[]): Promise<void> {
  const program = findProgram('openssl');
  if (program === undefined) throw new ExplainedError('openssl is missing.');
  const { status, stderr } = await run({
    program,
    args: [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', days],
      ...['-keyout', fromOutside(keyFile(name)), '-out', fromOutside(certificateFile(name))],
      ...args,
    ],
  });
  if (status !== 0) throw new ExplainedError(`openssl made no certificate ${name}: ${stderr.trim()}`);
}

function write(file: string, content: string | Buffer): void {
  writeFileSync(file, content, { mode: ownerOnly });
}
