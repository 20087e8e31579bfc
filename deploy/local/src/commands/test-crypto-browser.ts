/** `npm run test:crypto:browser`: every test of libs/crypto in headless Chromium. */
import { testCryptoInBrowser } from '@cipherchat/crypto-suite';
import { runCommand } from '../command-line.js';

await runCommand(async () => {
  if (!(await testCryptoInBrowser((line) => console.log(line)))) process.exitCode = 1;
});
