/**
 * Keeps the app on the device, so that it opens without a network: a message that was written offline is there after a
 * reload, and is sent when the network is back.
 *
 * A build is taken as a whole: every file is fetched with the digest that this script carries, and a build of which one
 * file differs is not taken at all. The page goes on with the build that it was loaded from until the person reloads.
 * It sees nothing but files of the app: what goes to `/v1` passes it by, and it holds no message and no key.
 */
declare const self: ServiceWorkerGlobalScope;
declare const __PRECACHED_FILES__: Readonly<Record<string, string>>;

const files = __PRECACHED_FILES__;
const page = '/index.html';
const prefix = 'app-';

/** Each build has a cache of its own, named after its page, which names all else. */
const cacheName = `${prefix}${files[page] ?? ''}`;

self.addEventListener('install', (event) => {
  event.waitUntil(install());
});

self.addEventListener('activate', (event) => {
  event.waitUntil(dropOlderBuilds().then(() => self.clients.claim()));
});

/** The page asks for it when the person wants the new build. */
self.addEventListener('message', ({ data }: ExtendableMessageEvent) => {
  if (data === 'take-over') void self.skipWaiting();
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== self.location.origin || pathname.startsWith('/v1/')) return;
  const file = request.mode === 'navigate' ? page : pathname;
  if (Object.hasOwn(files, file)) event.respondWith(answer(file, request));
});

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(focus(event.notification.tag));
});

async function install(): Promise<void> {
  const cache = await caches.open(cacheName);
  // `no-store`: the digest must be of what the server has now, not of what an older build left in the browser's cache.
  const fetched = Object.entries(files).map(async ([file, integrity]) => {
    const response = await fetch(file, {
      integrity,
      cache: file.startsWith('/assets/') ? 'default' : 'no-store',
    });
    if (!response.ok) throw new Error(`a file of this build is not there: HTTP ${response.status}`);
    await cache.put(file, response);
  });
  await Promise.all(fetched);
}

async function dropOlderBuilds(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(
    names.filter((name) => name.startsWith(prefix) && name !== cacheName).map((name) => caches.delete(name)),
  );
}

async function answer(file: string, request: Request): Promise<Response> {
  const cache = await caches.open(cacheName);
  return (await cache.match(file)) ?? fetch(request);
}

/** The tag is the path of what the notification is about. */
async function focus(path: string): Promise<void> {
  const [first] = await self.clients.matchAll({ type: 'window' });
  if (first === undefined) return void (await self.clients.openWindow(path));
  await first.focus();
  first.postMessage({ kind: 'show', path });
}

/** A module of its own, so that `self` is its alone. */
export {};
