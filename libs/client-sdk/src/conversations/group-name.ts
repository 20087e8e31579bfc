/**
 * What a group is called. What stands last in the log holds on all devices, in whatever order it became known; what this
 * person named it goes before that until it is in the log.
 */
import type { ConversationRow } from '../state/rows.js';

type Named = Pick<ConversationRow, 'name' | 'namePlace'>;

/** Said by a member, at its place in the log. */
export function withName(
  { name, namePlace }: Named,
  said: { readonly name: string; readonly place: string },
): Named {
  return said.place > namePlace ? { name: said.name, namePlace: said.place } : { name, namePlace };
}
