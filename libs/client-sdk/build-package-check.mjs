/**
 * Packs the four packages as they would be published, installs them in an empty project, and uses them there:
 * a missing file, an undeclared dependency or a wrong export is found here and not by the first stranger.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = mkdtempSync(path.join(tmpdir(), 'cipherchat-package-'));
const npm = (...args) => execFileSync('npm', args, { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });

/** A program of a stranger: everything real but the server, which is not there. */
const program = `
import { CipherChat, createMemoryStore, NetworkError, NoProfileError } from '@cipherchat/client-sdk';
import { openSqliteStore } from '@cipherchat/client-sdk/sqlite';
const file = 'check.db';
await CipherChat.open({ store: openSqliteStore({ file }) }).then(
  () => { throw new Error('an empty store was opened'); },
  (error) => { if (!(error instanceof NoProfileError)) throw error; },
);
for (const store of [openSqliteStore({ file }), createMemoryStore()]) {
  await CipherChat.register({ store, serverUrl: 'http://127.0.0.1:9', username: 'nobody' }).then(
    () => { throw new Error('registered at no server'); },
    (error) => { if (!(error instanceof NetworkError)) throw error; },
  );
}
console.log('works in an empty project');
`;

try {
  for (const name of ['protocol', 'mls-wasm', 'crypto', 'client-sdk']) {
    npm('pack', '--silent', '--pack-destination', folder, path.join(root, 'libs', name));
  }
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
  const packed = readdirSync(folder).filter((file) => file.endsWith('.tgz'));
  npm('install', '--silent', '--no-audit', '--no-fund', ...packed.map((file) => `./${file}`));
  writeFileSync(path.join(folder, 'check.mjs'), program);
  process.stdout.write(execFileSync(process.execPath, ['check.mjs'], { cwd: folder }));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
