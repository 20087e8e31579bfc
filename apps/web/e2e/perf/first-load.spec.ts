/** What somebody waits for who has never been here: what is fetched, how much it is, and in which order. */
import { get } from 'node:http';
import type { Page, Request } from '@playwright/test';
import { Person } from '../person.js';
import { expect, story } from '../story.js';
import { hold, tell } from './held.js';

const kb = 1_000;
const maxScriptsKb = 350;

story(
  'a first load fetches few scripts, and the engine beside them',
  async ({ browser, baseURL: origin = '', everyone }) => {
    const anna = await Person.arrive({ browser, origin, name: 'anna' });
    everyone.push(anna);
    const asked: Request[] = [];
    anna.context.on('request', (request) => asked.push(request));
    const page = await anna.open();
    await expect(page.getByRole('button', { name: 'Create an account' })).toBeVisible();
    await anna.keptOffline();

    // What the service worker fetches on its own account comes later, and is what all languages need.
    const isForLater = (request: Request): boolean =>
      request.serviceWorker() !== null && !request.url().endsWith('/service-worker.js');
    const ofLoad = asked.filter((request) => !isForLater(request)).map((request) => request.url());
    const scripts = [...new Set(ofLoad)].filter((url) => url.endsWith('.js'));
    const parts = ['start-worker', 'index', 'worker', 'en', 'service-worker'];
    expect(scripts.map(nameOf).toSorted(), 'what a first load runs').toEqual(parts.toSorted());
    const sizes = new Map<string, number>();
    for (const url of scripts) sizes.set(nameOf(url), await servedBytes(url));
    for (const [name, bytes] of sizes) tell(`${name}, KB gzipped`, bytes / kb);
    hold({
      name: 'scriptsKb',
      what: 'JavaScript of a first load, KB gzipped',
      value: [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0) / kb,
      atMost: maxScriptsKb,
    });

    const engines = ofLoad.filter((url) => url.endsWith('.wasm'));
    expect(engines, 'the engine is asked for once').toHaveLength(1);
    tell('engine (WebAssembly), KB gzipped', (await servedBytes(engines[0] ?? '')) / kb);
    const times = await timesOf(page);
    const [engine, views] = [times('mls'), times('index')];
    tell('engine asked for after, ms', engine.startTime);
    tell('worker asked for after, ms', times('worker').startTime);
    tell(
      'last script fetched after, ms',
      Math.max(...parts.slice(0, 4).map((name) => times(name).responseEnd)),
    );
    hold({
      name: 'engineAfterScriptMs',
      what: 'engine asked for after the script of the views had come, ms',
      value: Math.max(0, engine.startTime - views.responseEnd),
      atMost: 0,
    });
  },
);

/** `index` of `…/assets/index-DjzF-JHM.js`. */
function nameOf(url: string): string {
  return /\/([\w-]+?)(?:-[\w-]{8})?\.(?:js|wasm)$/.exec(url)?.[1] ?? url;
}

/** As it comes over the line. */
function servedBytes(url: string): Promise<number> {
  return new Promise((resolve, reject) => {
    get(url, { headers: { 'accept-encoding': 'gzip' } }, (response) => {
      expect(response.headers['content-encoding'], url).toBe('gzip');
      let bytes = 0;
      response.on('data', (chunk: Buffer) => (bytes += chunk.length));
      response.on('end', () => resolve(bytes));
    }).on('error', reject);
  });
}

type Times = Pick<PerformanceResourceTiming, 'startTime' | 'responseEnd'>;

/** When the page asked for each file, and had it. */
async function timesOf(page: Page): Promise<(name: string) => Times> {
  const all = await page.evaluate(() =>
    (performance.getEntriesByType('resource') as PerformanceResourceTiming[]).map(
      ({ name, startTime, responseEnd }) => [name, { startTime, responseEnd }] as const,
    ),
  );
  return (wanted) => {
    const found = all.find(([url]) => nameOf(url) === wanted);
    if (found === undefined) throw new Error(`the page did not ask for ${wanted}`);
    return found[1];
  };
}
