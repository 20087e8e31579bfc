/** What `npm run test:chart` needs: the programs, and figures of what was looked at. */
export { installPrograms } from './install-programs.js';
export { chartFigures } from './figures.js';
