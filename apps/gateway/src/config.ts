import {
  accessVariables,
  natsVariables,
  redisVariables,
  schemas,
  variable,
  type BaseConfig,
  type ConfigOf,
} from '@cipherchat/service-kit';

const { integer, withDefault } = schemas;

export const gatewayVariables = {
  ...natsVariables,
  ...redisVariables,
  ...accessVariables,
  /** At 20 KB each, 300 MB; and below the usual limit of open files, 20,000. */
  maxSockets: variable('MAX_SOCKETS', withDefault(integer({ min: 1, max: 1_000_000 }), 15_000)),
  /** Appends, signals and resumes of one device. People need one a second; bots and catching-up outboxes more. */
  sendsPerSecond: variable('SENDS_PER_SECOND', withDefault(integer({ min: 1, max: 1_000_000 }), 200)),
  /** New sockets of one network address; a household or an office shares one. */
  handshakesPerMinute: variable(
    'HANDSHAKES_PER_MINUTE',
    withDefault(integer({ min: 1, max: 10_000_000 }), 600),
  ),
  /** After SIGTERM sockets are asked to reconnect elsewhere over this time; less than DRAIN_TIMEOUT_MS. */
  drainWindowMs: variable('DRAIN_WINDOW_MS', withDefault(integer({ min: 0, max: 600_000 }), 10_000)),
} as const;

export type GatewayConfig = BaseConfig & ConfigOf<typeof gatewayVariables>;
