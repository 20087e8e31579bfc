/**
 * A new screen takes the focus, as a new page would: otherwise the keyboard stays where it was, and a screen reader says
 * nothing of what has changed.
 */
import { useEffect, useRef } from 'react';
import { useLocation } from 'wouter';
import { routes } from '../routes.js';

export function useFocusOnNavigation(): void {
  const [path] = useLocation();
  const shown = useRef(path);
  useEffect(() => {
    const left = shown.current;
    if (left === path) return;
    shown.current = path;
    const target = path === routes.conversations ? placeInList(left) : placeInContent();
    target?.focus({ preventScroll: true });
  }, [path]);
}

/** Back in the list, the keyboard goes on at the conversation that was left. */
function placeInList(left: string): HTMLElement | null {
  const links = document.querySelectorAll<HTMLElement>('.conversation');
  const link = [...links].find((shown) => left.startsWith(shown.getAttribute('href') ?? left));
  return link ?? document.querySelector<HTMLElement>('.list-pane h1');
}

/** The heading, unless the screen has put the focus where one goes on: in a field, on a message. */
function placeInContent(): HTMLElement | null {
  const content = document.querySelector<HTMLElement>('.pane');
  if (content === null || content.contains(document.activeElement)) return null;
  return content.querySelector('h1') ?? content;
}
