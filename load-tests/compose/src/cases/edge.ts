import { handshake, openPorts } from '../edge.js';
import { serviceOf } from '../container.js';
import type { ComposeCase } from '../world.js';

const tooOld = 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION';

export const edge: ComposeCase = {
  name: 'TLS 1.3 at one open port',
  isQuick: true,
  run: async ({ deployment, portsBefore }) => {
    const { params } = deployment;
    const [newest, older] = [await handshake(params, 'TLSv1.3'), await handshake(params, 'TLSv1.2')];
    const published = (await deployment.running()).flatMap((container) =>
      Object.values(container.NetworkSettings.Ports).flatMap((bindings) =>
        (bindings ?? []).map(({ HostPort }) => `${serviceOf(container)} at ${HostPort}`),
      ),
    );
    const expected = `web at ${params.port}`;
    const wrong = [...new Set(published)].filter((each) => each !== expected);
    const opened = [...openPorts()].filter((port) => !portsBefore.has(port) && port !== params.port);
    return {
      figures: `below it: ${older}`,
      failures: [
        newest === 'TLSv1.3' ? '' : `the handshake ended with ${newest}`,
        older === tooOld ? '' : `a handshake of TLS 1.2 ended with ${older}`,
        published.includes(expected) ? '' : 'the public port is not published',
        ...wrong.map((each) => `${each} is published, too`),
        ...opened.map((port) => `port ${port} was opened, too`),
      ].filter((text) => text !== ''),
    };
  },
};
