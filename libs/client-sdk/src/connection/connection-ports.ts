/** What a connection stands on, and whom it tells. */
import type { ServerFrame } from '@cipherchat/protocol';
import type { ConnectionState } from '../events.js';
import type { Clock } from '../ports/clock.js';
import type { Random } from '../ports/random.js';
import type { SocketPort } from '../ports/socket.js';
import type { Api } from './api.js';
import type { Session } from './session.js';

export type ConnectionPorts = {
  readonly api: Api;
  readonly session: Session;
  readonly socket: SocketPort;
  readonly clock: Clock;
  readonly random: Random;
  /** Awaited before anything is asked of the server. @throws SupersededError, HaltedError: whoever took over must not lose its socket, or its refresh token, to us. */
  readonly stillWriter: () => Promise<void>;
  /** The generation we know, after it was told the server's: awaited before `resume` is sent. */
  readonly greeted: (ready: Extract<ServerFrame, { type: 'ready' }>) => Promise<void>;
  readonly received: (frame: ServerFrame) => void;
  readonly stateChanged: (state: ConnectionState) => void;
};
