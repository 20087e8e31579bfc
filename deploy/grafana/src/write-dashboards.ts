/**
 * `npm run build:dashboards`: the dashboards as Grafana reads them. With `--check` it writes nothing and fails when a
 * file is not what the code makes.
 */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { delivery } from './dashboards/delivery.js';
import { gateways } from './dashboards/gateways.js';
import { keysAndAccounts } from './dashboards/keys-and-accounts.js';
import { kubernetes } from './dashboards/kubernetes.js';
import { messageStore } from './dashboards/message-store.js';
import { stores } from './dashboards/stores.js';

const folder = fileURLToPath(new URL('../dashboards', import.meta.url));
const files = new Map(
  Object.entries({
    delivery,
    gateways,
    'message-store': messageStore,
    'keys-and-accounts': keysAndAccounts,
    stores,
    kubernetes,
  }).map(([name, dashboard]) => [`${name}.json`, `${JSON.stringify(dashboard.build(), null, 2)}\n`]),
);
const written = readdirSync(folder);

if (process.argv.includes('--check')) {
  const stale = [...new Set([...files.keys(), ...written])].filter(
    (file) => !written.includes(file) || readFileSync(path.join(folder, file), 'utf8') !== files.get(file),
  );
  if (stale.length > 0) {
    process.stderr.write(`Not what the code makes: ${stale.join(', ')}: npm run build:dashboards\n`);
    process.exitCode = 1;
  }
} else {
  for (const file of written) if (!files.has(file)) rmSync(path.join(folder, file));
  for (const [file, text] of files) writeFileSync(path.join(folder, file), text);
}
