/** The browser's offer to install the app. */
import { Watched } from '../session/watched.js';

type InstallOffer = Event & { readonly prompt: () => Promise<unknown> };

export const installOffer = new Watched<InstallOffer | null>(null);

addEventListener('beforeinstallprompt', (event) => {
  // The browser's own banner would come at a moment of its own.
  event.preventDefault();
  installOffer.set(event as InstallOffer);
});
addEventListener('appinstalled', () => installOffer.set(null));

export async function install(offer: InstallOffer): Promise<void> {
  installOffer.set(null);
  await offer.prompt();
}
