/** The environment variables that the kit reads, in one place. Read at each call: tests may set them. */
export type KitEnvironment = {
  readonly path: string | undefined;
  /** Look for programs on PATH alone, not in the usual places beside it: for tests of what happens without one. */
  readonly onlyOnPath: boolean;
  readonly cacheHome: string | undefined;
  /** Another program than the one that would be found. */
  readonly natsServer: string | undefined;
  readonly redisServer: string | undefined;
  readonly nginx: string | undefined;
  readonly k6: string | undefined;
  readonly helm: string | undefined;
  /** With `promtool` beside it. */
  readonly prometheus: string | undefined;
  /** Written by the jest global setup for the test files: where the shared servers listen. */
  readonly sharedServers: string | undefined;
};

const sharedServersVariable = 'CIPHERCHAT_TEST_SERVERS';

export function environment(): KitEnvironment {
  const { env } = process;
  return {
    path: env['PATH'],
    onlyOnPath: env['CIPHERCHAT_ONLY_PATH'] === '1',
    cacheHome: env['XDG_CACHE_HOME'],
    natsServer: env['CIPHERCHAT_NATS_SERVER'],
    redisServer: env['CIPHERCHAT_REDIS_SERVER'],
    nginx: env['CIPHERCHAT_NGINX'],
    k6: env['CIPHERCHAT_K6'],
    helm: env['CIPHERCHAT_HELM'],
    prometheus: env['CIPHERCHAT_PROMETHEUS'],
    sharedServers: env[sharedServersVariable],
  };
}

/** Tells the test files, which run in processes that jest starts from this one, where the shared servers listen. */
export function passToTests(sharedServers: string): void {
  process.env[sharedServersVariable] = sharedServers;
}

/** For programs that we start: everything that we were given, and more. */
export function inheritedEnvironment(more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  return { ...process.env, ...more };
}
