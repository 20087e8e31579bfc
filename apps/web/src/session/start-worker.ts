/**
 * Starts this tab's worker, and compiles the engine beside it. The page loads this module by itself, before the views: the
 * client opens its store while these are on their way.
 */
import engineUrl from '@cipherchat/mls-wasm/mls.wasm?url';
import workerUrl from '../worker.js?worker&url';

type ScriptUrls = { readonly createScriptURL: (url: string) => unknown };
type TrustedTypes = {
  readonly createPolicy: (
    name: string,
    rules: { readonly createScriptURL: (url: string) => string },
  ) => ScriptUrls;
};

/** The only scripts that this page starts besides those in its HTML. */
const ownScripts = [workerUrl, '/service-worker.js'];

const policy: ScriptUrls = (
  (globalThis as { readonly trustedTypes?: TrustedTypes }).trustedTypes ?? {
    createPolicy: (_, rules) => rules,
  }
).createPolicy('cipherchat-worker', {
  createScriptURL: (url) => {
    if (!ownScripts.includes(url)) throw new TypeError('not a script of this app');
    return url;
  },
});

/** A script of ours, as browsers with Trusted Types want to see it. */
export function ownScript(url: '/service-worker.js'): string {
  return policy.createScriptURL(url) as string;
}

/** Rejects when the engine cannot be had. */
export const workerStarted = startWorker();
// Whoever shows it comes later.
workerStarted.catch(() => undefined);

async function startWorker(): Promise<void> {
  const worker = new Worker(policy.createScriptURL(workerUrl) as string, { type: 'module', name: 'client' });
  worker.postMessage(await WebAssembly.compileStreaming(fetch(engineUrl)));
}
