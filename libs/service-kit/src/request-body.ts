import type { IncomingMessage } from 'node:http';
import { problem } from '@cipherchat/protocol';

/**
 * Reads a body after the guard has let the request in, so that a stranger cannot make us hold megabytes.
 * @throws ProblemError `request/too-large`, by the declared length before reading, or as soon as it is passed
 */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Uint8Array> {
  const declared = Number(request.headers['content-length'] ?? 0);
  if (declared > maxBytes) throw problem('request/too-large', { maxBytes });
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of request as AsyncIterable<Uint8Array>) {
      length += chunk.length;
      if (length > maxBytes) throw problem('request/too-large', { maxBytes });
      chunks.push(chunk);
    }
  } catch (error) {
    // The client went away in the middle; nobody reads the answer.
    if (
      error instanceof Error &&
      'code' in error &&
      (error.code === 'ECONNRESET' || error.code === 'ERR_STREAM_PREMATURE_CLOSE')
    )
      throw problem('request/malformed', { at: 'body' });
    throw error;
  }
  return new Uint8Array(Buffer.concat(chunks, length));
}

/** @throws ProblemError `request/malformed` */
export function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw problem('request/malformed', { at: 'body' });
  }
}
