/** The environment variables that the kit reads, in one place. Read at each call: tests may set them. */
export type KitEnvironment = {
  readonly path: string | undefined;
  readonly cacheHome: string | undefined;
  /** Another nats-server or redis-server than the one that would be found. */
  readonly natsServer: string | undefined;
  readonly redisServer: string | undefined;
  /** Written by the jest global setup for the test files: where the shared servers listen. */
  readonly sharedServers: string | undefined;
};

export const sharedServersVariable = 'CIPHERCHAT_TEST_SERVERS';

export function environment(): KitEnvironment {
  const { env } = process;
  return {
    path: env['PATH'],
    cacheHome: env['XDG_CACHE_HOME'],
    natsServer: env['CIPHERCHAT_NATS_SERVER'],
    redisServer: env['CIPHERCHAT_REDIS_SERVER'],
    sharedServers: env[sharedServersVariable],
  };
}
