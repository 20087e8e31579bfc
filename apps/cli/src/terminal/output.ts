/**
 * What a command prints. A result goes to standard output: as text for a person, or with `--json` as one
 * JSON object per line for a program. Everything else (prompts, progress, errors) goes to standard error.
 */
import { styleText } from 'node:util';
import { safeJson } from './safe-text.js';

export type Style = 'bold' | 'dim' | 'green' | 'red' | 'yellow' | 'cyan';

export type Output = {
  readonly kind: 'text' | 'json';
  /** One result. `text` is for a person; it must be made of safe parts (`safe-text.ts`). */
  readonly result: (result: {
    readonly json: Readonly<Record<string, unknown>>;
    readonly text: string;
  }) => void;
  /** A remark on standard error; silent with `--json`. */
  readonly note: (text: string) => void;
  /** The same text without colours, unless this terminal shows them. */
  readonly styled: (style: Style, text: string) => string;
};

export type OutputStream = { readonly write: (text: string) => unknown; readonly isTTY?: boolean };

export function createOutput(params: {
  readonly kind: 'text' | 'json';
  readonly colours: boolean;
  readonly standardOutput: OutputStream;
  readonly standardError: OutputStream;
}): Output {
  const { kind, colours, standardOutput, standardError } = params;
  return {
    kind,
    result: ({ json, text }) => {
      if (kind === 'json') standardOutput.write(`${safeJson(json)}\n`);
      else if (text !== '') standardOutput.write(`${text}\n`);
    },
    note: (text) => {
      if (kind === 'text') standardError.write(`${text}\n`);
    },
    styled: (style, text) =>
      colours && kind === 'text' ? styleText(style, text, { validateStream: false }) : text,
  };
}

/** Colours are for a terminal whose user did not switch them off. */
export function showsColours(params: {
  readonly isTTY: boolean;
  readonly noColor: boolean;
  readonly dumbTerminal: boolean;
}): boolean {
  return params.isTTY && !params.noColor && !params.dumbTerminal;
}
