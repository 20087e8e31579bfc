import { kernelStatusOf, serviceOf, type Container } from '../container.js';
import type { ComposeCase, World } from '../world.js';

/** By the kernel's word on every process, not by the file's. */
export const confined: ComposeCase = {
  name: 'no root and no capability',
  isQuick: true,
  run: async (world) => {
    const containers = await world.deployment.running();
    const looked = await Promise.all(containers.map((container) => look(world, container)));
    const processes = looked.reduce((sum, each) => sum + each.processes, 0);
    return {
      figures: `${processes} processes in ${containers.length} containers`,
      failures: looked.flatMap(({ failures }) => failures),
    };
  },
};

async function look({ docker }: World, container: Container) {
  const service = serviceOf(container);
  const processes = await kernelStatusOf(docker, container);
  const failures = processes.flatMap(({ pid, users, capabilities, mayGainPrivileges }) => [
    ...(users.includes(0) ? [`process ${pid} of ${service} is root`] : []),
    ...(capabilities > 0n
      ? [`process ${pid} of ${service} has capabilities ${capabilities.toString(16)}`]
      : []),
    ...(mayGainPrivileges ? [`process ${pid} of ${service} may gain privileges`] : []),
  ]);
  if (processes.length === 0) failures.push(`${service} has no process`);
  if (!container.HostConfig.ReadonlyRootfs) failures.push(`${service} may write to its image`);
  return { processes: processes.length, failures };
}
