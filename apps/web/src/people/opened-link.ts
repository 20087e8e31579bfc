/**
 * The invite link that this page was opened by. It may carry a secret, and what stands in the address is on the screen, in the
 * browser's history, and wherever that is copied to: so it is taken from there at once, and is in this page's memory alone
 * until it was opened.
 */
import { routes } from '../routes.js';
import { Watched } from '../session/watched.js';

export const openedLink = new Watched<string | null>(null);

/** Before anything else. A link that is put into the address of this page later is taken as well. */
export function takeLinkFromAddress(): void {
  take();
  window.addEventListener('hashchange', take);
}

function take(): void {
  const { pathname, hash, href } = location;
  if (pathname !== routes.invite || hash === '' || isPlaceOnPage(hash)) return;
  history.replaceState(history.state, '', pathname);
  openedLink.set(href);
}

/** Where a link of our own leads to, as the one to skip to the content. */
function isPlaceOnPage(hash: string): boolean {
  return document.getElementById(hash.slice(1)) !== null;
}
