/**
 * Takes the vectors of this folder out of the crate that carries them: `node libs/crypto/official-vectors/build-vectors.mjs`
 * says whether the committed file is reproduced (exit 1 if not); with `--update` it writes the file. Needs cargo,
 * which fetches the crate; nobody else does.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';

/** The last release of the crate whose package contains `test_vectors/`: as the MLS working group published them with RFC 9420. */
const crate = { name: 'openmls', version: '0.5.0' };
const files = ['passive-client-welcome', 'passive-client-handling-commit', 'passive-client-random'];
const suite = 0x0001;
const committed = fileURLToPath(new URL('passive-client.json.gz', import.meta.url));

function fetchCrate() {
  const folder = mkdtempSync(join(tmpdir(), 'cipherchat-vectors-'));
  try {
    mkdirSync(join(folder, 'src'));
    writeFileSync(join(folder, 'src/lib.rs'), '');
    const dependency = `${crate.name} = "=${crate.version}"`;
    writeFileSync(
      join(folder, 'Cargo.toml'),
      `[package]\nname = "v"\nversion = "0.0.0"\nedition = "2021"\n[dependencies]\n${dependency}\n`,
    );
    execFileSync('cargo', ['fetch', '--quiet'], { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'] });
  } finally {
    rmSync(folder, { recursive: true });
  }
  const registry = join(process.env['CARGO_HOME'] ?? join(homedir(), '.cargo'), 'registry', 'src');
  return readdirSync(registry).map((name) =>
    join(registry, name, `${crate.name}-${crate.version}`, 'test_vectors'),
  );
}

function read(folders, file) {
  for (const folder of folders) {
    try {
      return JSON.parse(readFileSync(join(folder, `${file}.json`), 'utf8'));
    } catch (error) {
      if (error.code !== 'ENOENT') throw error;
    }
  }
  throw new Error(`${file}.json is not in the crate`);
}

const folders = fetchCrate();
const extracted = Object.fromEntries(
  files.map((file) => [file, read(folders, file).filter((vector) => vector.cipher_suite === suite)]),
);
const text = JSON.stringify(extracted);
if (process.argv.includes('--update')) {
  writeFileSync(committed, gzipSync(text, { level: 9 }));
  console.log(`wrote ${files.map((file) => `${file}: ${extracted[file].length}`).join(', ')}`);
} else if (gunzipSync(readFileSync(committed)).toString() === text) {
  console.log('reproduced: the committed vectors are those of the crate.');
} else {
  console.error('NOT reproduced: the committed vectors differ from those of the crate.');
  process.exit(1);
}
