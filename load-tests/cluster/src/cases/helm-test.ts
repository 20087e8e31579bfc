import type { Case } from '../case.js';
import { releaseName, said } from '../release.js';

/** Two accounts of the command line write to each other, encrypted, from a pod, through the public address. */
export const helmTest: Case = {
  name: 'helm test',
  isQuick: true,
  run: async ({ release }) => {
    const ran = await release.helm(['test', releaseName, '--logs', '--timeout=3m']);
    const [line, sent, delivered, lost, twice] =
      /probe: sent=(\d+) delivered=(\d+) lost=(\d+) twice=(\d+).*/.exec(ran.stdout) ?? [];
    if (ran.status !== 0 || line === undefined) return { figures: '', failures: [said(ran)] };
    const isWhole = Number(sent) > 0 && sent === delivered && lost === '0' && twice === '0';
    return { figures: line.replace('probe: ', ''), failures: isWhole ? [] : [line] };
  },
};
