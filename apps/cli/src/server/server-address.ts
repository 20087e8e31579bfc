import { readFileSync } from 'node:fs';
import tls from 'node:tls';
import { CliFailure } from '../exit-codes.js';
import type { RunFile } from './run-file.js';

/** The server for a new account: what was asked for, else the one that `npm start` runs in this checkout. */
export function serverAddress(params: {
  readonly option: string | undefined;
  readonly variable: string | undefined;
  readonly runFile: RunFile | undefined;
}): string {
  const given = params.option ?? params.variable ?? params.runFile?.serverUrl;
  if (given === undefined) {
    throw new CliFailure('usage', 'which server?', {
      hint: 'Give its address: --server https://chat.example.org (or set CIPHERCHAT_SERVER). In a checkout, npm start runs one that is found by itself.',
    });
  }
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw new CliFailure('usage', `"${given}" is not the address of a server`, {
      hint: 'It looks like https://chat.example.org',
    });
  }
  // Tokens and names would travel in clear; what is said is encrypted all the same.
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    throw new CliFailure('usage', 'http is for a server on this machine only', {
      hint: `Use https: https://${url.host}`,
    });
  }
  return url.origin;
}

export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

/** The certificate of `npm start -- --tls` is signed by an authority of the checkout: trust it for this process. */
export function trustLocalAuthority(runFile: RunFile | undefined): void {
  if (runFile?.caFile == null) return;
  tls.setDefaultCACertificates([...tls.getCACertificates('default'), readFileSync(runFile.caFile, 'utf8')]);
}
