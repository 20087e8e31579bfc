/**
 * What axe does not measure. Runs in the page, so it is one function with all that it needs in it.
 *
 * Targets of 24 by 24 pixels (WCAG 2.5.8, without its exception for spacing), links in sentences aside; nothing that is cut
 * off at the side, or has to be moved sideways to be read (1.4.10, 1.4.4); nothing that moves by itself (2.3.3).
 */
export function findFaults(): readonly string[] {
  const targetPx = 24;
  const roundingPx = 1;
  const interactive = 'a[href], button, input, select, textarea, [role=switch], [role=button], [role=tab]';

  const isShown = (element: Element): boolean =>
    element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) &&
    element.closest('.for-readers, .skip-link, [inert]') === null;
  const named = (element: Element): string => element.outerHTML.slice(0, 160);

  const modal = document.querySelector('dialog:modal');
  const all = [...(modal ?? document).querySelectorAll('*')].filter(isShown);

  const smallTargets = all
    .filter((element) => element.matches(interactive) && !isInSentence(element))
    .filter((element) => {
      const { width, height } = (element.closest('label') ?? element).getBoundingClientRect();
      return Math.min(width, height) < targetPx;
    })
    .map((element) => `a target of less than ${targetPx} px: ${named(element)}`);

  const scrolledSideways = all
    .filter((element) => element.scrollWidth > element.clientWidth + roundingPx)
    .filter((element) => ['auto', 'scroll'].includes(getComputedStyle(element).overflowX))
    .map((element) => `scrolls sideways: ${named(element)}`);

  const isBeyond = (element: Element): boolean => {
    const { left, right, width } = element.getBoundingClientRect();
    return width > 0 && (left < -roundingPx || right > innerWidth + roundingPx);
  };
  // The outermost only; and a long name that ends with an ellipsis is meant to.
  const beyondTheSide = all
    .filter((element) => isBeyond(element) && !isClipped(element))
    .filter(({ parentElement }) => parentElement === null || !isBeyond(parentElement))
    .map((element) => `stands beyond the side: ${named(element)}`);

  const moving = document
    .getAnimations()
    .filter(({ playState }) => playState === 'running')
    .map((animation) => `moves: ${animation.constructor.name}`);

  return [...smallTargets, ...scrolledSideways, ...beyondTheSide, ...moving];

  function isClipped({ parentElement }: Element): boolean {
    if (parentElement === null || parentElement === document.body) return false;
    return getComputedStyle(parentElement).overflowX === 'hidden' || isClipped(parentElement);
  }

  /** A link with text of its paragraph before or behind it. */
  function isInSentence(element: Element): boolean {
    if (!element.matches('a') || getComputedStyle(element).display !== 'inline') return false;
    return (element.parentElement?.textContent.trim() ?? '') !== element.textContent.trim();
  }
}
