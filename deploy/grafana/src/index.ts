/** What others need to ask what the dashboards ask. */
export { filledIn, selectorsOf } from './promql.js';
