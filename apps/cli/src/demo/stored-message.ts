import { CliFailure } from '../exit-codes.js';

/** The row of one message as the database holds it. */
export type StoredMessage = {
  readonly columns: Readonly<Record<string, string>>;
  readonly ciphertext: Uint8Array;
};

/** Read past all services, as an administrator of the database can. */
export async function readStoredMessage(params: {
  readonly adminUrl: string;
  readonly conversation: string;
  readonly seq: number;
}): Promise<StoredMessage> {
  // Only in a checkout: an installed command has no demo, and no database near.
  const { Client } = await import('pg');
  const client = new Client({ connectionString: params.adminUrl });
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(
      'select * from messages.envelopes where conversation_id = $1 and seq = $2',
      [params.conversation, params.seq],
    );
    const { ciphertext, ...columns } = rows[0] ?? {};
    if (!(ciphertext instanceof Uint8Array))
      throw new CliFailure('failure', 'the database does not hold the message that was just sent');
    return {
      ciphertext,
      columns: Object.fromEntries(
        Object.entries(columns).map(([name, value]) => [
          name,
          value instanceof Date ? value.toISOString() : String(value),
        ]),
      ),
    };
  } finally {
    await client.end();
  }
}

/** Whether any run of the text, as long as a short word, stands in the bytes. */
export function holdsPlaintext(bytes: Uint8Array, text: string): boolean {
  const haystack = Buffer.from(bytes);
  const needle = Buffer.from(text, 'utf8');
  for (let start = 0; start + runBytes <= needle.length; start++) {
    if (haystack.includes(needle.subarray(start, start + runBytes))) return true;
  }
  return false;
}

/** By chance a run of 6 bytes stands in 64 KiB once in four thousand million messages. */
const runBytes = 6;
