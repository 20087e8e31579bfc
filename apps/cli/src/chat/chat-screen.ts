/**
 * The screen of `chat`: lines of the conversation above, the line being typed below. A message of one's
 * own has a mark in a fixed column, which is written over in place while its line is on the screen.
 */
import type { Interface } from 'node:readline';
import { cursorTo, clearScreenDown, moveCursor } from 'node:readline';
import stringWidth from 'string-width';

/** What the screen is written to; `columns` and `rows` change with the window. */
export type Terminal = NodeJS.WriteStream;

const markColumn = 6;
/** The longest mark is "delivered". */
export const markWidth = 9;

type Printed = { readonly id: string; readonly rows: number };

/** How many rows a text takes in a window of so many columns. */
export function rowsOf(text: string, columns: number): number {
  return text
    .split('\n')
    .reduce((rows, line) => rows + Math.max(1, Math.ceil(stringWidth(line) / Math.max(1, columns))), 0);
}

export class ChatScreen {
  /** From the oldest to the newest; only what can still be on the screen. */
  private printed: readonly Printed[] = [];

  constructor(
    private readonly terminal: Terminal,
    private readonly input: Interface,
  ) {
    // Lines wrap anew when the window changes: older ones cannot be found any more.
    terminal.on('resize', () => (this.printed = []));
  }

  /** Prints a line above what is being typed. `id` names it for `mark`. */
  print(text: string, id = ''): void {
    this.leaveInputLine();
    this.terminal.write(`${text}\n`);
    this.printed = [...this.printed, { id, rows: rowsOf(text, this.terminal.columns) }].slice(
      -this.terminal.rows,
    );
    this.input.prompt(true);
  }

  /** Writes over the mark of a printed line; `false` when it has scrolled away. */
  mark(id: string, mark: string): boolean {
    const index = this.printed.findLastIndex((line) => line.id === id);
    if (index < 0) return false;
    const below = this.printed.slice(index).reduce((sum, { rows }) => sum + rows, 0);
    const { rows: inputRow } = this.input.getCursorPos();
    const up = below + inputRow;
    if (up >= this.terminal.rows) return false;
    const { cols } = this.input.getCursorPos();
    moveCursor(this.terminal, 0, -up);
    cursorTo(this.terminal, markColumn);
    this.terminal.write(mark);
    moveCursor(this.terminal, 0, up);
    cursorTo(this.terminal, cols);
    return true;
  }

  /** Changes what stands before the line being typed. */
  setPrompt(prompt: string): void {
    if (this.input.getPrompt() === prompt) return;
    this.leaveInputLine();
    this.input.setPrompt(prompt);
    this.input.prompt(true);
  }

  /** The person pressed Enter: the typed line stays on the screen unless it is taken away. */
  eraseEntered(entered: string): void {
    const rows = rowsOf(this.input.getPrompt() + entered, this.terminal.columns);
    moveCursor(this.terminal, 0, -rows);
    cursorTo(this.terminal, 0);
    clearScreenDown(this.terminal);
  }

  private leaveInputLine(): void {
    moveCursor(this.terminal, 0, -this.input.getCursorPos().rows);
    cursorTo(this.terminal, 0);
    clearScreenDown(this.terminal);
  }
}
