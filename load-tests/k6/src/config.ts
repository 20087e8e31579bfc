/** The environment of the command, read in one place. */

export type LoadConfig = {
  /** Origins besides loopback that may be loaded: whoever runs them has agreed. */
  readonly allowedOrigins: readonly string[];
  /** Where the target's registration is not open: a code for as many accounts as a run makes. */
  readonly invite: string | undefined;
  /** A generator that was bundled beforehand, as in the image; else it is bundled for the run. */
  readonly generator: string | undefined;
  /** Where reports go; else below the checkout. */
  readonly folder: string | undefined;
};

export function readConfig(env: NodeJS.ProcessEnv = process.env): LoadConfig {
  const given = (name: string): string | undefined => (env[name] === '' ? undefined : env[name]);
  return {
    allowedOrigins: (env['LOAD_ALLOWED_ORIGINS'] ?? '')
      .split(',')
      .map((origin) => origin.trim())
      .filter((origin) => origin !== ''),
    invite: given('LOAD_INVITE'),
    generator: given('LOAD_GENERATOR'),
    folder: given('LOAD_FOLDER'),
  };
}

/** For k6: everything that we were given, its own usage report switched off. */
export function environmentOfK6(more: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  return { ...process.env, K6_NO_USAGE_REPORT: 'true', ...more };
}
