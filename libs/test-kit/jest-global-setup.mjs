/** Starts the real servers once for all integration tests of a jest run, unless `npm test` has done so for several runs. */
import './typescript-sources.mjs';

export default async function startServers() {
  const { areServersShared, startSharedServers } = await import('./src/shared-servers.ts');
  if (!areServersShared()) globalThis.stopSharedServers = await startSharedServers();
}
