import { describe, expect, it } from '@jest/globals';
import { EventEmitter } from 'node:events';
import type { Interface } from 'node:readline';
import { ChatScreen, rowsOf, type Terminal } from './chat-screen.js';

/** A window that understands the few cursor commands that the screen uses. */
class FakeTerminal extends EventEmitter {
  readonly rowsShown: string[] = [''];
  row = 0;
  column = 0;

  constructor(
    readonly columns: number,
    readonly rows: number,
  ) {
    super();
  }

  write(text: string): boolean {
    for (const [, up, down, column, erase, other] of text.matchAll(
      /\x1b\[(?:(\d+)A|(\d+)B|(\d+)G|(0?J))|([^\x1b])/g,
    )) {
      if (up !== undefined) this.row -= Number(up);
      else if (down !== undefined) this.row += Number(down);
      else if (column !== undefined) this.column = Number(column) - 1;
      else if (erase !== undefined) this.eraseBelow();
      else if (other === '\n') this.lineFeed();
      else if (other !== undefined) this.put(other);
    }
    return true;
  }

  private eraseBelow(): void {
    this.rowsShown.length = this.row + 1;
    this.rowsShown[this.row] = (this.rowsShown[this.row] ?? '').slice(0, this.column);
  }

  private lineFeed(): void {
    this.row++;
    this.column = 0;
    this.rowsShown[this.row] ??= '';
  }

  private put(character: string): void {
    if (this.column === this.columns) this.lineFeed();
    const line = (this.rowsShown[this.row] ?? '').padEnd(this.column);
    this.rowsShown[this.row] = line.slice(0, this.column) + character + line.slice(this.column + 1);
    this.column++;
  }
}

function screenOf(params: { readonly columns: number; readonly rows: number; readonly typed: string }) {
  const terminal = new FakeTerminal(params.columns, params.rows);
  let prompt = '> ';
  const input = {
    getCursorPos: () => ({
      rows: Math.floor((prompt.length + params.typed.length) / params.columns),
      cols: (prompt.length + params.typed.length) % params.columns,
    }),
    getPrompt: () => prompt,
    setPrompt: (next: string) => (prompt = next),
    prompt: () => terminal.write(`${prompt}${params.typed}`),
  } as unknown as Interface;
  input.prompt();
  return { terminal, screen: new ChatScreen(terminal as unknown as Terminal, input) };
}

const waiting = 'waiting  ';
const line = (mark: string, text: string): string => `12:00 ${mark} ${text}`;

describe('the screen of a chat', () => {
  it('prints above what is being typed', () => {
    const { terminal, screen } = screenOf({ columns: 40, rows: 10, typed: 'half a sen' });
    screen.print(line(waiting, 'you: one'), 'a');
    screen.print(line('         ', 'ben: two'));
    expect(terminal.rowsShown).toEqual([
      '12:00 waiting   you: one',
      '12:00           ben: two',
      '> half a sen',
    ]);
  });

  it('writes a mark over the old one, and goes on where the cursor was', () => {
    const { terminal, screen } = screenOf({ columns: 40, rows: 10, typed: 'half' });
    screen.print(line(waiting, 'you: one'), 'a');
    screen.print(line('         ', 'ben: two'), 'b');
    expect(screen.mark('a', 'delivered')).toBe(true);
    expect(terminal.rowsShown).toEqual(['12:00 delivered you: one', '12:00           ben: two', '> half']);
    expect([terminal.row, terminal.column]).toEqual([2, 6]);
  });

  it('finds the row of a message above one that wraps, with wide characters too', () => {
    const { terminal, screen } = screenOf({ columns: 20, rows: 10, typed: 'x'.repeat(30) });
    screen.print(line(waiting, 'a'), 'a');
    screen.print('x'.repeat(45), 'b');
    expect(screen.mark('a', 'sent     ')).toBe(true);
    expect(terminal.rowsShown[0]).toBe('12:00 sent      a');
    expect(rowsOf('白'.repeat(11), 20)).toBe(2);
    expect(rowsOf('a\n\nb', 20)).toBe(3);
  });

  it('leaves alone what has scrolled away, what is unknown, and everything after the window changed', () => {
    const { terminal, screen } = screenOf({ columns: 40, rows: 3, typed: '' });
    for (const id of ['a', 'b', 'c', 'd']) screen.print(line(waiting, id), id);
    expect(screen.mark('a', 'sent     ')).toBe(false);
    expect(screen.mark('unknown', 'sent     ')).toBe(false);
    expect(screen.mark('d', 'sent     ')).toBe(true);
    terminal.emit('resize');
    expect(screen.mark('d', 'read     ')).toBe(false);
  });

  it('changes the prompt in place', () => {
    const { terminal, screen } = screenOf({ columns: 40, rows: 10, typed: 'half' });
    screen.setPrompt('(ben is typing) > ');
    expect(terminal.rowsShown).toEqual(['(ben is typing) > half']);
  });
});
