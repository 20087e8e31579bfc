/** Light clients, who counts what they lose, and cases around them: for other tests that break a system under load. */
export { failuresOf, type Case, type Outcome } from './cases/case.js';
export { People } from './cases/people.js';
export { countsOf, lastLine, tableHead } from './cases/report.js';
export { runCases } from './cases/run-cases.js';
