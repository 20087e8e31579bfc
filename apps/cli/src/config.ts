/** The environment variables that the command line reads, in one place. */
import { homedir } from 'node:os';
import path from 'node:path';

export type Config = {
  /** `CIPHERCHAT_SERVER`: the server's address when `--server` is not given. */
  readonly server: string | undefined;
  /** `CIPHERCHAT_PROFILE`: the profile's name when `--profile` is not given. */
  readonly profile: string | undefined;
  /** `CIPHERCHAT_PASSPHRASE_FILE`: a file whose first line is the passphrase. */
  readonly passphraseFile: string | undefined;
  /** `CIPHERCHAT_RUN_FILE`: what a local system wrote about itself, when it is not this checkout's. */
  readonly runFile: string | undefined;
  /** Where profiles are kept: `XDG_DATA_HOME`, or `~/.local/share`. */
  readonly dataHome: string;
  /** `NO_COLOR` (no-color.org): any value but the empty one. */
  readonly noColor: boolean;
  /** A terminal that cannot do more than print. */
  readonly dumbTerminal: boolean;
};

export function readConfig(variables: NodeJS.ProcessEnv = process.env): Config {
  const given = (name: string): string | undefined => (variables[name] === '' ? undefined : variables[name]);
  const xdgDataHome = given('XDG_DATA_HOME');
  return {
    server: given('CIPHERCHAT_SERVER'),
    profile: given('CIPHERCHAT_PROFILE'),
    passphraseFile: given('CIPHERCHAT_PASSPHRASE_FILE'),
    runFile: given('CIPHERCHAT_RUN_FILE'),
    // The XDG specification says to ignore a relative path.
    dataHome:
      xdgDataHome !== undefined && path.isAbsolute(xdgDataHome)
        ? xdgDataHome
        : path.join(homedir(), '.local', 'share'),
    noColor: given('NO_COLOR') !== undefined,
    dumbTerminal: given('TERM') === 'dumb',
  };
}

/** The surroundings of a command that this one starts, on profiles of its own. */
export function childEnvironment(
  params: { readonly dataHome: string },
  variables: NodeJS.ProcessEnv = process.env,
): NodeJS.ProcessEnv {
  const {
    CIPHERCHAT_PROFILE: _profile,
    CIPHERCHAT_PASSPHRASE_FILE: _passphraseFile,
    CIPHERCHAT_SERVER: _server,
    ...rest
  } = variables;
  return { ...rest, XDG_DATA_HOME: params.dataHome };
}
