export { crashPoints, neverCrashedAt } from './crash-points.js';
export { plantedBugs } from './planted-bugs.js';
export { Runner, seedsFrom, type Tally } from './runs.js';
