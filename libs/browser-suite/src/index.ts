export { faultsOf, runInChromium, testName, type ChromiumRun } from './chromium.js';
