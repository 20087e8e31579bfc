import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { inData } from './repository.js';

const secretsDir = inData('secrets');
const passwordBytes = 24;

/** The file of a secret; services are given the path, since an environment can be read by more programs. */
export function secretFile(name: string): string {
  return path.join(secretsDir, name);
}

/** A secret that is made once and then kept, in a file that only its owner may read. */
export function keptSecret(name: string, make: () => string = randomPassword): string {
  const file = secretFile(name);
  if (existsSync(file)) return readFileSync(file, 'utf8');
  const value = make();
  writeSecret(name, value);
  return value;
}

/** Writes a secret that is derived anew at every start, such as an address with a password in it. Returns its file. */
export function writeSecret(name: string, value: string): string {
  mkdirSync(secretsDir, { recursive: true, mode: 0o700 });
  const file = secretFile(name);
  writeFileSync(file, value, { mode: 0o600 });
  chmodSync(file, 0o600); // the mode above is only for a new file
  return file;
}

export function randomPassword(): string {
  return randomBytes(passwordBytes).toString('base64url');
}

/** The Ed25519 key by which auth signs access tokens, as PKCS #8 in PEM. */
export function newSigningKey(): string {
  return generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}
