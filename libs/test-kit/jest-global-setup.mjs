/** Starts the real servers once for all integration tests of a jest run. */
import './typescript-sources.mjs';

export default async function startServers() {
  const { startSharedServers } = await import('./src/shared-servers.ts');
  globalThis.stopSharedServers = await startSharedServers();
}
