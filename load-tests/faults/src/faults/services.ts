import type { Fault } from '../fault.js';

const killed = (service: string, instances: readonly string[]): Fault => {
  const instanceOf = (injection: number): string => instances[injection % instances.length] ?? '';
  return {
    name: `kill-${service}`,
    what: `kill -9 of ${instances.join(', ')}${instances.length > 1 ? ' in turn' : ''}, then a new process`,
    holdMs: 300,
    surroundings: 'ordinary',
    inject: async (faulty, injection) => void (await faulty.service(instanceOf(injection)).kill()),
    heal: (faulty, injection) => faulty.service(instanceOf(injection)).start(),
  };
};

export const serviceFaults: readonly Fault[] = [
  killed('auth', ['auth-1']),
  killed('key-directory', ['key-directory-1']),
  killed('message-store', ['message-store-1']),
  killed('gateway', ['gateway-1', 'gateway-2']),
  {
    name: 'drain-gateway',
    what: 'SIGTERM to gateway-1, gateway-2 in turn; when it has drained, a new process',
    holdMs: 0,
    surroundings: 'ordinary',
    inject: (faulty, injection) => faulty.service(`gateway-${(injection % 2) + 1}`).stop(),
    heal: (faulty, injection) => faulty.service(`gateway-${(injection % 2) + 1}`).start(),
  },
];
