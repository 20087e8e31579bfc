/**
 * A receiver of OTLP over HTTP: whatever the services export as traces, metrics or logs comes here. It
 * understands nothing of it and keeps the bytes; the detector opens compressed bodies itself.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Captured } from '../detector/secret.js';

export type TraceReceiver = {
  /** For `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  readonly url: string;
  readonly captured: () => readonly Captured[];
  readonly stop: () => Promise<void>;
};

export async function receiveTraces(port: number): Promise<TraceReceiver> {
  const captured: Captured[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      captured.push({ place: 'traces', location: request.url ?? '', bytes: Buffer.concat(chunks) });
      response.writeHead(200).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    captured: () => [...captured],
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
