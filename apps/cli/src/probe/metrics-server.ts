/** Shows the probe's metrics and whether it lives, over plain HTTP: to Prometheus, within the cluster. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Metrics } from '@cipherchat/telemetry';

export type MetricsServer = { readonly address: string; readonly stop: () => Promise<void> };

export async function serveMetrics(params: {
  readonly host: string;
  readonly port: number;
  readonly metrics: Metrics;
  readonly isReady: () => boolean;
}): Promise<MetricsServer> {
  const { host, port, metrics, isReady } = params;
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://probe.invalid').pathname;
    if (request.method !== 'GET') return void response.writeHead(405).end();
    switch (path) {
      case '/metrics':
        void metrics.exposition().then(({ contentType, text }) => {
          response.writeHead(200, { 'content-type': contentType }).end(text);
        });
        return;
      case '/healthz/live':
        return void response.writeHead(204).end();
      case '/healthz/ready':
        return void response.writeHead(isReady() ? 204 : 503).end();
      default:
        return void response.writeHead(404).end();
    }
  });
  await listen(server, { host, port });
  const { address, port: bound } = server.address() as AddressInfo;
  return {
    address: `http://${address.includes(':') ? `[${address}]` : address}:${bound}`,
    stop: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function listen(server: Server, where: { readonly host: string; readonly port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(where, () => resolve());
  });
}
