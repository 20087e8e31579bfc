/** A second, at most: by then a list has measured what it draws. */
const maxFrames = 60;

/** Focuses what a list is drawing: it is hidden until it was measured, and until then it takes no focus. Returns what gives up. */
export function focusWhenShown(element: HTMLElement): () => void {
  let framesLeft = maxFrames;
  let frame = 0;
  const attempt = (): void => {
    element.focus({ preventScroll: true });
    framesLeft -= 1;
    if (document.activeElement !== element && framesLeft > 0) frame = requestAnimationFrame(attempt);
  };
  attempt();
  return () => cancelAnimationFrame(frame);
}
