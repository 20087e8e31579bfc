/**
 * What may be loaded: this machine, and origins that were named. A deployment's discovery document names further
 * addresses, and each must be allowed as well: it could name anybody.
 */
import { isIPv4 } from 'node:net';

/** Those of the addresses that may not be loaded, each once, as origins. What is no address is not allowed either. */
export function refusedOrigins(addresses: readonly string[], allowed: readonly string[]): readonly string[] {
  const names = new Set(allowed.map(originOf));
  const refused = addresses.filter((address) => !isLoopback(address) && !names.has(originOf(address)));
  return [...new Set(refused.map(originOf))];
}

export function isLoopback(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { hostname } = new URL(address);
  return (
    hostname === 'localhost' || hostname === '[::1]' || (isIPv4(hostname) && hostname.startsWith('127.'))
  );
}

/** A socket's address counts as that of the HTTP server which it is opened at. */
function originOf(address: string): string {
  if (!URL.canParse(address)) return address;
  const { protocol, host } = new URL(address);
  return `${protocol.replace(/^ws/, 'http')}//${host}`;
}
