import { patternOf, sections, type KnownThings, type SectionName } from './known-things.js';

/** What the system was seen to have, by section. Names may repeat. */
export type SeenThings = { readonly [Section in SectionName]: readonly string[] };
/** A column with the comment that it carries in the database, which is the reason in the document. */
export type CommentedColumn = { readonly name: string; readonly comment: string | null };

/** One line that says what to do about it. */
export type Discrepancy = string;

/** What the system has and the document does not list. Ids are shown as they were seen: they name no person. */
export function unlisted(params: {
  readonly known: KnownThings;
  readonly seen: SeenThings;
}): readonly Discrepancy[] {
  return (Object.keys(sections) as readonly SectionName[]).flatMap((section) => {
    const patterns = params.known[section].map(({ name }) => patternOf(name));
    const strangers = new Set(
      params.seen[section].filter((name) => !patterns.some((pattern) => pattern.test(name))),
    );
    return [...strangers]
      .sort()
      .map((name) => `"## ${sections[section]}" does not list ${JSON.stringify(name)}`);
  });
}

/**
 * What the document lists and the system does not have. Only for what can be counted completely from
 * outside: a Redis key that no story of this run needs proves nothing.
 */
export function stale(params: {
  readonly known: KnownThings;
  readonly seen: SeenThings;
  readonly complete: readonly SectionName[];
}): readonly Discrepancy[] {
  return params.complete.flatMap((section) =>
    params.known[section]
      .filter(({ name }) => !params.seen[section].some((seenName) => patternOf(name).test(seenName)))
      .map(({ name }) => `"## ${sections[section]}" lists ${name}, which does not exist`),
  );
}

/** Columns whose comment in the database is not the reason that the document gives; the comment is the original. */
export function unlikeComments(params: {
  readonly known: KnownThings;
  readonly columns: readonly CommentedColumn[];
}): readonly Discrepancy[] {
  const reasons = new Map(params.known.columns.map(({ name, reason }) => [name, reason]));
  return params.columns.flatMap(({ name, comment }) => {
    const reason = reasons.get(name);
    if (reason === undefined || comment === reason) return [];
    return [
      comment === null
        ? `column ${name} has no comment in the database`
        : `the comment on column ${name} is not the reason in the document`,
    ];
  });
}
