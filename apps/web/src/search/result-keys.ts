/** Going through what was found by arrow keys, from the field and back to it. */
import type { KeyboardEvent } from 'react';

const results = 'a.search-result';

/** Of the search that an element is in. */
export function firstResult(element: Element): HTMLElement | null {
  return resultsAround(element)[0] ?? null;
}

/** For the list of results. */
export function moveAmongResults(event: KeyboardEvent): void {
  const { target, key } = event;
  if (!(target instanceof HTMLElement)) return;
  const all = resultsAround(target);
  const at = all.indexOf(target);
  if (at === -1) return;
  const next = nextOf(key, { at, all, field: fieldAround(target) });
  if (next === null) return;
  event.preventDefault();
  next.focus();
}

function nextOf(
  key: string,
  where: {
    readonly at: number;
    readonly all: readonly HTMLElement[];
    readonly field: HTMLElement | null;
  },
): HTMLElement | null {
  const { at, all, field } = where;
  switch (key) {
    case 'ArrowDown':
      return all[at + 1] ?? null;
    case 'ArrowUp':
      return all[at - 1] ?? field;
    case 'Home':
      return all[0] ?? null;
    case 'End':
      return all.at(-1) ?? null;
    case 'Escape':
      return field;
    default:
      return null;
  }
}

function resultsAround(element: Element): readonly HTMLElement[] {
  return [...(element.closest('search')?.querySelectorAll<HTMLElement>(results) ?? [])];
}

function fieldAround(element: Element): HTMLElement | null {
  return element.closest('search')?.querySelector('input') ?? null;
}
