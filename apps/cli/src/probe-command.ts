import { probe, type ProbeOptions } from './commands/probe.js';
import type { MakeAction, MakeCommand } from './make-command.js';

/** Measuring a deployment from outside. */
export function addProbeCommand(command: MakeCommand, act: MakeAction): void {
  command({
    usage: 'probe',
    group: 'For programs:',
    description:
      'measure with throw-away accounts, which really write to each other, whether messages arrive',
  })
    .option('--invite <code>', 'where only invited people may register: one with uses enough')
    .option('--pairs <number>', 'how many pairs of accounts', '1')
    .option('--every <time>', 'how often each pair sends a message', '1s')
    .option('--within <time>', 'with --once: in what time a message is to be shown', '200ms')
    .option('--lost-after <time>', 'after what time a message counts as lost', '60s')
    .option('--wait <time>', 'with --once: how long to wait for a server that does not answer yet', '0s')
    .option('--once', 'send a few messages, say how they fared, and end')
    .option('--metrics <host:port>', 'where to show metrics for Prometheus', '127.0.0.1:9464')
    .action(act((context, options: ProbeOptions) => probe(context, options)));
}
