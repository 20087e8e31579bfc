import { readFileSync } from 'node:fs';
import { CliFailure } from '../exit-codes.js';
import { requireOwnerOnly } from './profile-folder.js';

/** Where a passphrase may come from; the terminal is asked when there is no file. */
export type PassphraseSource = {
  readonly file: string | undefined;
  readonly ask: (prompt: string) => Promise<string>;
};

const minNewCharacters = 8;

/** The passphrase of a profile that has one. */
export async function readPassphrase(source: PassphraseSource, profile: string): Promise<string> {
  return source.file === undefined
    ? source.ask(`Passphrase of the profile "${profile}": `)
    : passphraseFromFile(source.file);
}

/** A passphrase for a new profile, typed twice. @throws CliFailure `usage` when it is short, or typed differently */
export async function choosePassphrase(source: PassphraseSource): Promise<string> {
  const chosen =
    source.file === undefined ? await source.ask('New passphrase: ') : passphraseFromFile(source.file);
  if ([...chosen].length < minNewCharacters) {
    throw new CliFailure('usage', `a passphrase needs at least ${minNewCharacters} characters`, {
      hint: 'Several random words are easy to remember and hard to guess.',
    });
  }
  if (source.file === undefined && (await source.ask('The same again: ')) !== chosen)
    throw new CliFailure('usage', 'the two passphrases differ');
  return chosen;
}

/** The first line of a file that only its owner can read. */
function passphraseFromFile(file: string): string {
  let content: string;
  try {
    content = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new CliFailure('profile', `the passphrase file ${file} cannot be read`, { cause });
  }
  requireOwnerOnly(file);
  const [line = ''] = content.split(/\r?\n/);
  if (line === '') throw new CliFailure('profile', `the passphrase file ${file} begins with an empty line`);
  return line;
}

type Terminal = NodeJS.ReadStream & { readonly setRawMode: (raw: boolean) => unknown };

const [enter, newLine, endOfInput, interrupt, backspace, del, clearLine] = [
  '\r',
  '\n',
  '\x04',
  '\x03',
  '\b',
  '\x7f',
  '\x15',
];

/** Asks on the terminal without echo. The prompt goes to standard error, so that piped output stays clean. */
export async function askOnTerminal(prompt: string): Promise<string> {
  const input = process.stdin as Terminal;
  if (!input.isTTY) {
    throw new CliFailure('profile', 'a passphrase is needed and there is no terminal to ask on', {
      hint: 'Set CIPHERCHAT_PASSPHRASE_FILE to a file (mode 600) whose first line is the passphrase.',
    });
  }
  process.stderr.write(prompt);
  input.setRawMode(true);
  input.setEncoding('utf8');
  try {
    return await readHidden(input);
  } finally {
    input.setRawMode(false);
    input.pause();
    process.stderr.write('\n');
  }
}

function readHidden(input: Terminal): Promise<string> {
  return new Promise((resolve, reject) => {
    let typed: readonly string[] = [];
    const finish = (settle: () => void): void => {
      input.off('data', read);
      settle();
    };
    const read = (chunk: string): void => {
      for (const character of chunk) {
        if (character === interrupt)
          return finish(() => reject(new CliFailure('interrupted', 'interrupted')));
        if (character === enter || character === newLine || character === endOfInput)
          return finish(() => resolve(typed.join('')));
        if (character === backspace || character === del) typed = typed.slice(0, -1);
        else if (character === clearLine) typed = [];
        else typed = [...typed, character];
      }
    };
    input.on('data', read);
    input.resume();
  });
}
