import { describe, expect, it } from '@jest/globals';
import { createOutput, showsColours } from './output.js';

function outputInto(params: { readonly kind: 'text' | 'json'; readonly colours: boolean }) {
  const written = { out: '', err: '' };
  const output = createOutput({
    ...params,
    standardOutput: { write: (text) => void (written.out += text) },
    standardError: { write: (text) => void (written.err += text) },
  });
  return { output, written };
}

describe('output', () => {
  it('is text for a person, with remarks apart from results', () => {
    const { output, written } = outputInto({ kind: 'text', colours: false });
    output.note('connecting');
    output.result({ json: { kind: 'sent' }, text: 'Sent.' });
    expect(written).toEqual({ out: 'Sent.\n', err: 'connecting\n' });
  });

  it('is one JSON object per line for a program, without remarks or colours', () => {
    const { output, written } = outputInto({ kind: 'json', colours: true });
    output.note('connecting');
    output.result({ json: { text: 'a\nb\u001b[1m' }, text: output.styled('red', 'x') });
    expect(written).toEqual({ out: '{"text":"a\\nb\\u001b[1m"}\n', err: '' });
    expect(output.styled('red', 'x')).toBe('x');
  });

  it('has colours only where they are wanted', () => {
    expect(outputInto({ kind: 'text', colours: true }).output.styled('red', 'x')).toBe(
      '\u001b[31mx\u001b[39m',
    );
    expect(outputInto({ kind: 'text', colours: false }).output.styled('red', 'x')).toBe('x');
    expect(showsColours({ isTTY: true, noColor: false, dumbTerminal: false })).toBe(true);
    for (const off of [{ isTTY: false }, { noColor: true }, { dumbTerminal: true }]) {
      expect(showsColours({ isTTY: true, noColor: false, dumbTerminal: false, ...off })).toBe(false);
    }
  });
});
