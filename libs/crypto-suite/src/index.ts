export { testCryptoInBrowser } from './chromium-command.js';
export { testCrypto } from './crypto-command.js';
export { suites, suiteName, type Suite } from './crypto-report.js';
