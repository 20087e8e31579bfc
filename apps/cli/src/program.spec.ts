import { describe, expect, it } from '@jest/globals';
import type { Command } from 'commander';
import { exitCodes } from './exit-codes.js';
import { createProgram } from './program.js';

const width = 100;

function programWithWidth(): Command {
  const program = createProgram(() => Promise.resolve());
  const all = (command: Command): readonly Command[] => [command, ...command.commands.flatMap(all)];
  for (const command of all(program))
    command.configureOutput({ getOutHelpWidth: () => width, getOutHasColors: () => false }).exitOverride();
  return program;
}

/** Everything that `--help` prints, the examples and tables after it included. */
function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({
    writeOut: (part) => void (text += part),
    getOutHelpWidth: () => width,
    getOutHasColors: () => false,
  });
  command.outputHelp();
  return text;
}

describe('the help', () => {
  const program = programWithWidth();
  const commands = program.commands.flatMap((command) => [command, ...command.commands]);

  it('of the program is as it was', () => {
    expect(helpOf(program)).toMatchSnapshot();
  });

  it.each(
    commands.map(
      (command) =>
        [
          `${command.parent === program ? '' : `${command.parent?.name() ?? ''} `}${command.name()}`,
          command,
        ] as const,
    ),
  )('of %s says what it does, and of each option', (_, command) => {
    expect(command.description()).not.toBe('');
    expect(command.options.filter(({ description }) => description === '')).toEqual([]);
    expect(helpOf(command)).toMatchSnapshot();
  });

  it('lists every exit code once, each with another number', () => {
    const text = helpOf(program);
    for (const { code, meaning } of Object.values(exitCodes)) expect(text).toContain(`${code}  ${meaning}`);
    expect(new Set(Object.values(exitCodes).map(({ code }) => code)).size).toBe(
      Object.keys(exitCodes).length,
    );
  });

  it('fits the window', () => {
    const tooLong = commands
      .flatMap((command) => helpOf(command).split('\n'))
      .filter((line) => line.length > width);
    expect(tooLong).toEqual([]);
  });
});

describe('the command line', () => {
  async function parsed(
    ...args: readonly string[]
  ): Promise<{ readonly code: string; readonly ran: readonly object[] }> {
    const ran: object[] = [];
    const program = createProgram((options) => {
      ran.push(options);
      return Promise.resolve();
    });
    const all = (command: Command): readonly Command[] => [command, ...command.commands.flatMap(all)];
    for (const command of all(program))
      command.exitOverride().configureOutput({ writeErr: () => undefined, writeOut: () => undefined });
    try {
      await program.parseAsync([...args], { from: 'user' });
      return { code: 'ran', ran };
    } catch (error) {
      return { code: (error as { readonly code: string }).code, ran };
    }
  }

  it('takes the options of the program before and after the command', async () => {
    expect((await parsed('--profile', 'ben', '--json', 'whoami')).ran).toEqual([
      { profile: 'ben', json: true },
    ]);
    expect((await parsed('whoami', '--profile', 'ben', '--json')).ran).toEqual([
      { profile: 'ben', json: true },
    ]);
    expect((await parsed('groups', 'list', '--gateway', '2')).ran).toEqual([{ gateway: '2' }]);
  });

  it.each([
    [['sned'], 'commander.unknownCommand'],
    [['send'], 'commander.missingArgument'],
    [['send', 'ben', 'hi', '--wait', 'forever'], 'commander.invalidArgument'],
    [['whoami', '--colour'], 'commander.unknownOption'],
    [['whoami', 'extra'], 'commander.excessArguments'],
    [[], 'commander.help'],
  ])('refuses %j', async (args, code) => {
    expect(await parsed(...args)).toEqual({ code, ran: [] });
  });
});
