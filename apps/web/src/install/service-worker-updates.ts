/** The service worker that keeps the app on this device, and whether a newer build waits. */
import { ownScript } from '../session/start-worker.js';
import { Watched } from '../session/watched.js';

/** A build that was taken and waits until the person reloads. */
export const waitingBuild = new Watched<ServiceWorker | null>(null);

/** Tabs stay open for weeks. */
const lookEveryMs = 60 * 60 * 1_000;

export function registerServiceWorker(): void {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  void navigator.serviceWorker.register(ownScript('/service-worker.js')).then(follow, () => {
    // A window in which it is not allowed (a private one): the app works as well, but for opening without a network.
  });
}

function follow(registration: ServiceWorkerRegistration): void {
  const note = (): void => {
    // Without a controller this is the first build: there is nothing to reload.
    if (navigator.serviceWorker.controller !== null) waitingBuild.set(registration.waiting);
  };
  note();
  registration.addEventListener('updatefound', () => {
    registration.installing?.addEventListener('statechange', note);
  });
  setInterval(() => void registration.update().catch(() => undefined), lookEveryMs);
}

/** Takes over the waiting build, and reloads this tab with it. */
export function takeOver(build: ServiceWorker): void {
  navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true });
  build.postMessage('take-over');
}
