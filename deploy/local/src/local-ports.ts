import { nextFreePort } from '@cipherchat/test-kit';

/** Where everything listens unless the port is taken: people and profiles remember addresses. */
const preferredPorts = {
  auth: 7701,
  keyDirectory: 7702,
  messageStore: 7703,
  gatewayOne: 7711,
  gatewayTwo: 7712,
  postgres: 7732,
  nats: 7742,
  redis: 7779,
} as const;

export type LocalPorts = Readonly<Record<keyof typeof preferredPorts, number>>;

/** One port each, all different, free now, below the ephemeral range. */
export async function choosePorts(): Promise<LocalPorts> {
  const chosen = new Map<string, number>();
  for (const [name, preferred] of Object.entries(preferredPorts)) {
    let port = await nextFreePort(preferred);
    while ([...chosen.values()].includes(port)) port = await nextFreePort(port + 1);
    chosen.set(name, port);
  }
  return Object.fromEntries(chosen) as LocalPorts;
}

/** The usual ports that are taken, for a line that says so. */
export function movedPorts(ports: LocalPorts): readonly string[] {
  return Object.entries(preferredPorts)
    .filter(([name, preferred]) => ports[name as keyof LocalPorts] !== preferred)
    .map(([, preferred]) => String(preferred));
}
