/** Everything that passes through NATS: every subject, the answers to requests among them. */
import { connect, type Msg } from '@nats-io/transport-node';
import type { Captured } from '../detector/secret.js';

export type NatsRecording = {
  readonly captured: () => readonly Captured[];
  readonly subjects: () => readonly string[];
  readonly headers: () => readonly string[];
  /** Resolves when everything that was sent before has been recorded. */
  readonly flush: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

/** Records from now on. The connection needs the right to subscribe to `>`. */
export async function recordNats(url: string): Promise<NatsRecording> {
  const { username, password, host } = new URL(url);
  const connection = await connect({
    servers: host,
    name: 'blind-check',
    ...(username === '' ? {} : { user: decodeURIComponent(username), pass: decodeURIComponent(password) }),
  });
  const captured: Captured[] = [];
  const subjects = new Set<string>();
  const headers = new Set<string>();
  const keep = (message: Msg): void => {
    subjects.add(message.subject);
    if (message.reply !== undefined && message.reply !== '') subjects.add(message.reply);
    const names = message.headers?.keys() ?? [];
    for (const name of names) headers.add(name);
    const head = [
      message.subject,
      message.reply ?? '',
      ...names.map((name) => `${name}: ${message.headers?.values(name).join(', ') ?? ''}`),
    ].join('\n');
    captured.push({
      place: 'nats',
      location: `${message.subject} (names and headers)`,
      bytes: Buffer.from(head, 'utf8'),
    });
    if (message.data.length > 0)
      captured.push({ place: 'nats', location: message.subject, bytes: Uint8Array.from(message.data) });
  };
  let failure: Error | undefined;
  connection.subscribe('>', {
    callback: (error, message) => {
      if (error === null) keep(message);
      else failure = error;
    },
  });
  await connection.flush();
  const unlessFailed = <T>(value: T): T => {
    if (failure !== undefined) throw new Error('NATS refused to show all traffic', { cause: failure });
    return value;
  };
  return {
    captured: () => unlessFailed([...captured]),
    subjects: () => [...subjects],
    headers: () => [...headers],
    flush: () => connection.flush(),
    stop: async () => {
      await connection.flush();
      await connection.close();
    },
  };
}
