/** What every language says: the shape of the English catalogue. A language that lacks a sentence does not build. */
import type { en } from './en.js';

type Widened<Entry> = Entry extends string
  ? string
  : Entry extends (...args: infer Args) => string
    ? (...args: Args) => string
    : { readonly [Key in keyof Entry]: Widened<Entry[Key]> };

export type Sentences = Widened<typeof en>;
