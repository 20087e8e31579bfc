/** The rows of the search index. */

/** The texts of a stretch of places, ascending. */
export type SearchBlockRow = { readonly entries: readonly SearchEntry[] };

export type SearchEntry = {
  readonly place: string;
  readonly atMs: number;
  /** Each behind a space; `null` for more than an index keeps: then the message itself is looked at. */
  readonly words: string | null;
};
