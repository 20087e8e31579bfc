/** What a client stands on. Everything has a default but the store; a simulator passes all of it. */
import { createOpenMlsEngine, loadMls, type MlsEngine, type MlsSource } from '@cipherchat/crypto';
import { systemClock, type Clock } from './ports/clock.js';
import { fetchHttp, type Http } from './ports/http.js';
import { systemRandom, type Random } from './ports/random.js';
import { webSocketPort, type SocketPort } from './ports/socket.js';
import { createRestartingEngine } from './restarting-engine.js';
import type { StepProbe } from './state/steps.js';
import type { Store } from './store/store.js';

/** Options of `CipherChat.open` and `CipherChat.register`. */
export type ClientOptions = {
  /** Where everything is kept: `openSqliteStore`, `openIndexedDbStore`, `createMemoryStore`, or another implementation of the port. */
  readonly store: Store;
  /** The MLS engine; by default OpenMLS in WebAssembly, loaded once. */
  readonly engine?: MlsEngine;
  /** Where the default engine's `mls.wasm` is: its bytes or address. Needed in browsers and bundles. */
  readonly mlsWasm?: MlsSource;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly socket?: SocketPort;
  readonly http?: Http;
  /** Called at every point between the steps: for simulators. */
  readonly probe?: StepProbe;
};

export type ClientPorts = {
  readonly store: Store;
  readonly engine: MlsEngine;
  readonly clock: Clock;
  readonly random: Random;
  readonly socket: SocketPort;
  readonly http: Http;
  readonly probe: StepProbe;
};

export async function clientPorts(options: ClientOptions): Promise<ClientPorts> {
  return {
    store: options.store,
    engine: options.engine ?? (await loadDefaultEngine(options.mlsWasm)),
    clock: options.clock ?? systemClock,
    random: options.random ?? systemRandom,
    socket: options.socket ?? webSocketPort,
    http: options.http ?? fetchHttp,
    probe: options.probe ?? (() => undefined),
  };
}

/** One for all clients of the process, since they share the WebAssembly instance that it restarts. */
let defaultEngine: Promise<MlsEngine> | null = null;

/** Loaded only when no engine was passed. */
function loadDefaultEngine(source: MlsSource | undefined): Promise<MlsEngine> {
  defaultEngine ??= loadMls(source).then((mls) => {
    const renew = (): MlsEngine => {
      mls.restart();
      return createOpenMlsEngine(mls);
    };
    return createRestartingEngine({ engine: createOpenMlsEngine(mls), renew });
  });
  return defaultEngine;
}
