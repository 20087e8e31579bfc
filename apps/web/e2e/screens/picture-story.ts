/** A story whose end are pictures: in somebody's lived-in app, or in one that was just opened. */
import { expect, story } from '../story.js';
import { settleInArabic, type ArabicHome } from './arabic-home.js';
import { Darkroom } from './darkroom.js';
import { settleIn, type Home } from './home.js';
import { Neighbours } from './neighbours.js';
import { Camera } from './photograph.js';
import { StagedTime } from './staged-time.js';

type OfWorker = {
  readonly camera: Camera;
  readonly neighbours: Neighbours;
  readonly home: Home;
  readonly arabicHome: ArabicHome;
};

type Metadata = { readonly output: string; readonly database: string };

const settlingMs = 300_000;

export const pictureStory = story.extend<{ readonly watched: void }, OfWorker>({
  camera: [
    async ({ browser }, use, { config }) => {
      const darkroom = await Darkroom.open(browser);
      await use(new Camera(darkroom, (config.metadata as Metadata).output));
      await darkroom.close();
    },
    { scope: 'worker' },
  ],
  neighbours: [
    async ({ browser }, use, { config, project, workerIndex }) => {
      const { database } = config.metadata as Metadata;
      const time = await StagedTime.over(database, Date.now());
      // Another worker comes after one whose story failed, and left its people behind.
      const suffix = workerIndex === 0 ? '' : `${workerIndex}`;
      const neighbours = new Neighbours(browser, project.use.baseURL ?? '', time, suffix);
      await use(neighbours);
      await neighbours.leaveAll();
    },
    { scope: 'worker' },
  ],
  home: [
    async ({ neighbours }, use) => use(await settleIn(neighbours)),
    { scope: 'worker', timeout: settlingMs },
  ],
  arabicHome: [
    async ({ neighbours }, use) => use(await settleInArabic(neighbours)),
    { scope: 'worker', timeout: settlingMs },
  ],
  watched: [
    async ({ neighbours }, use) => {
      await use();
      expect(neighbours.faults, 'what went wrong unseen').toEqual([]);
    },
    { auto: true },
  ],
});
