/** Shows Prometheus metrics as Kubernetes names them, written by hand: there is no cluster here. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { randomFreePort } from '@cipherchat/test-kit';

const file = fileURLToPath(new URL('../../../deploy/grafana/testing/kubernetes.prom', import.meta.url));

export async function serveKubernetes(): Promise<{ readonly url: URL; readonly stop: () => void }> {
  const text = readFileSync(file, 'utf8');
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/plain; version=0.0.4; charset=utf-8');
    response.end(text);
  });
  const port = await randomFreePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    url: new URL(`http://127.0.0.1:${port}`),
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
