/** Everything under docs/protocol, by file name: written by `npm run docs:protocol`, held to it by a test. */
import { openApi } from './open-api.js';
import { errorsPage, framesPage, limitsPage, subjectsPage } from './pages.js';

export function referenceFiles(): ReadonlyMap<string, string> {
  return new Map([
    ['frames.md', framesPage()],
    ['errors.md', errorsPage()],
    ['subjects.md', subjectsPage()],
    ['limits.md', limitsPage()],
    ['openapi.json', `${JSON.stringify(openApi(), null, 2)}\n`],
  ]);
}
