/**
 * `npm run build:chart`: what the chart takes from deploy/ is linked into it, since Helm reads nothing
 * outside of a chart. Helm follows the links when it renders and when it packages.
 */
import { lstatSync, rmSync, symlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const files = fileURLToPath(new URL('cipherchat/files/', import.meta.url));
const sources = {
  dashboards: 'deploy/grafana/dashboards',
  nats: 'deploy/nats',
  nginx: 'deploy/nginx/templates',
  rules: 'deploy/prometheus/rules',
};

for (const [name, source] of Object.entries(sources)) {
  const link = `${files}${name}`;
  if (lstatSync(link, { throwIfNoEntry: false }) !== undefined) rmSync(link, { recursive: true });
  symlinkSync(`../../../${source}`, link);
}
