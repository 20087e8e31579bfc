import { nextFreePort } from '@cipherchat/test-kit';

/** Where everything listens unless the port is taken: people and profiles remember addresses. */
const preferredPorts = {
  web: 7700,
  auth: 7701,
  keyDirectory: 7702,
  messageStore: 7703,
  gatewayOne: 7711,
  gatewayTwo: 7712,
  postgres: 7732,
  nats: 7742,
  redis: 7779,
} as const;

type PortName = keyof typeof preferredPorts;
export const serverPortNames = ['postgres', 'nats', 'redis'] as const;
export const servicePortNames = [
  'web',
  'auth',
  'keyDirectory',
  'messageStore',
  'gatewayOne',
  'gatewayTwo',
] as const;
export type ServerPorts = Readonly<Record<(typeof serverPortNames)[number], number>>;
export type ServicePorts = Readonly<Record<(typeof servicePortNames)[number], number>>;

/**
 * One port each, all different, free now, below the ephemeral range. Ask just before they are used: another
 * system that starts at the same moment asks for the same ones.
 */
export async function choosePorts<Name extends PortName>(
  names: readonly Name[],
): Promise<Readonly<Record<Name, number>>> {
  const chosen: number[] = [];
  for (const name of names) {
    let port = await nextFreePort(preferredPorts[name]);
    while (chosen.includes(port)) port = await nextFreePort(port + 1);
    chosen.push(port);
  }
  return Object.fromEntries(names.map((name, index) => [name, chosen[index]])) as Record<Name, number>;
}

/** The usual ports that are taken, for a line that says so. */
export function takenPorts(ports: Readonly<Partial<Record<PortName, number>>>): readonly number[] {
  return Object.entries(ports)
    .filter(([name, port]) => preferredPorts[name as PortName] !== port)
    .map(([name]) => preferredPorts[name as PortName]);
}
