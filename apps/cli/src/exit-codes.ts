/** What the process's exit code says, so that scripts can branch without reading messages. Shown by `cipherchat --help`. */
export const exitCodes = {
  ok: { code: 0, meaning: 'done' },
  failure: { code: 1, meaning: 'something failed that should not have' },
  usage: { code: 2, meaning: 'the command line is not right; the message says what is' },
  unreachable: { code: 3, meaning: 'no server answers' },
  refused: { code: 4, meaning: 'the server refused: not allowed, not found, taken, too much' },
  locked: { code: 5, meaning: 'another process uses this profile' },
  profile: {
    code: 6,
    meaning: 'the profile cannot be used: not registered, wrong passphrase, readable by others',
  },
  undelivered: { code: 7, meaning: 'what was waited for did not happen in time' },
  unverified: { code: 8, meaning: "a person's keys changed or do not fit; nothing was sent" },
  interrupted: { code: 130, meaning: 'ended with Ctrl-C' },
} as const;

export type ExitReason = keyof typeof exitCodes;

/** Ends the command with a message for a person and an exit code for a script. */
export class CliFailure extends Error {
  override readonly name = 'CliFailure';
  readonly hint: string | undefined;
  constructor(
    readonly reason: Exclude<ExitReason, 'ok'>,
    message: string,
    options: { readonly hint?: string; readonly cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.hint = options.hint;
  }
}

/** The table at the end of the help. */
export function exitCodeHelp(): string {
  const rows = Object.values(exitCodes).map(
    ({ code, meaning }) => `  ${String(code).padStart(3)}  ${meaning}`,
  );
  return ['Exit codes:', ...rows].join('\n');
}
