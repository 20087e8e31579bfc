/** `npm run test:cluster -- [options]`: the chart on a cluster; see load-tests/cluster. */
import { testCluster } from '../cluster-tests.js';
import { runCommand } from '../command-line.js';

await runCommand(async (args) => {
  const { exitCode } = await testCluster({ args, say: (line) => console.log(line) });
  process.exitCode = exitCode;
});
