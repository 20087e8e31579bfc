/** The environment of the command, read in one place. */

export type LoadConfig = {
  /** Origins besides loopback that may be loaded: whoever runs them has agreed. */
  readonly allowedOrigins: readonly string[];
  /** Where the target's registration is not open: a code for as many accounts as a run makes. */
  readonly invite: string | undefined;
};

export function readConfig(env: NodeJS.ProcessEnv = process.env): LoadConfig {
  const invite = env['LOAD_INVITE'];
  return {
    allowedOrigins: (env['LOAD_ALLOWED_ORIGINS'] ?? '')
      .split(',')
      .map((origin) => origin.trim())
      .filter((origin) => origin !== ''),
    invite: invite === '' ? undefined : invite,
  };
}

/** For k6: everything that we were given, its own usage report switched off. */
export function environmentOfK6(more: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  return { ...process.env, K6_NO_USAGE_REPORT: 'true', ...more };
}
