/** What goes from the history goes calmly: it fades, and then what is around it closes up. Who wants no motion sees none. */
import { useLayoutEffect, useRef, type RefObject } from 'react';

const leaveMs = 450;
const fadedAt = 0.45;

/** As long as it is drawn. */
export function leavingMs(): number {
  return wantsNoMotion() ? 0 : leaveMs;
}

export function useLeaving<Drawn extends HTMLElement>(isLeaving: boolean): RefObject<Drawn | null> {
  const drawn = useRef<Drawn>(null);
  useLayoutEffect(() => {
    const { current } = drawn;
    if (!isLeaving || current === null) return;
    // Who reads by keyboard goes on in the history, and not at the top of the page.
    if (current.contains(document.activeElement)) current.closest<HTMLElement>('.history-scroll')?.focus();
    if (!wantsNoMotion()) leave(current);
  }, [isLeaving]);
  return drawn;
}

function leave(element: HTMLElement): void {
  const { paddingBlock } = getComputedStyle(element);
  const whole = { blockSize: `${element.offsetHeight}px`, paddingBlock, overflow: 'clip' };
  element.animate(
    [
      { ...whole, opacity: 1 },
      { ...whole, opacity: 0, offset: fadedAt },
      { ...whole, opacity: 0, blockSize: '0px', paddingBlock: '0px' },
    ],
    { duration: leaveMs, easing: 'ease-in-out', fill: 'forwards' },
  );
}

function wantsNoMotion(): boolean {
  return matchMedia('(prefers-reduced-motion: reduce)').matches;
}
