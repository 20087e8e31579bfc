/** The link between this machine and the node, and what the node's own network needs. */
import { ExplainedError, findProgram, run } from '@cipherchat/test-kit';
import { addresses, link } from './layout.js';
import { mustRun, type Namespaces } from './namespaces.js';

export async function connectNode(namespaces: Namespaces): Promise<void> {
  const { machine, node, prefix, services } = addresses;
  const ends = ['type', 'veth', 'peer', 'name', link.inside, 'netns', String(namespaces.holder)];
  await here(['link', 'add', link.outside, ...ends]);
  await here(['address', 'add', `${machine}/${prefix}`, 'dev', link.outside]);
  await here(['link', 'set', link.outside, 'up']);
  const there = (args: readonly string[]): Promise<void> => mustRun(namespaces, ['ip', ...args]);
  await there(['link', 'set', 'lo', 'up']);
  await there(['address', 'add', `${node}/${prefix}`, 'dev', link.inside]);
  await there(['link', 'set', link.inside, 'up']);
  // What the node itself sends to a service is turned to a pod only after a route was found for it.
  await there(['route', 'add', services, 'dev', link.inside, 'src', node]);
  await mustRun(namespaces, ['sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward']);
}

async function here(args: readonly string[]): Promise<void> {
  const program = findProgram('ip');
  if (program === undefined) throw new ExplainedError('ip is missing: apt-get install iproute2.');
  const { status, stderr } = await run({ program, args });
  if (status !== 0) throw new ExplainedError(`ip ${args.slice(0, 3).join(' ')}: ${stderr.trim()}`);
}
