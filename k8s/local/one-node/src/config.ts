import { homedir } from 'node:os';
import path from 'node:path';

/** Where the built programs are, for all checkouts of this user. */
export function programsFolder(): string {
  const { CIPHERCHAT_ONE_NODE_PROGRAMS: named, XDG_CACHE_HOME: cacheHome } = process.env;
  return named ?? path.join(cacheHome ?? path.join(homedir(), '.cache'), 'k8s-one', 'bin');
}
