/**
 * Builds `pkg/` from `rust/`: `npm run build:wasm` (add `-- --update` to accept a new hash).
 *
 * Needs cargo (rustup takes the toolchain from rust/rust-toolchain.toml) and installs the pinned
 * wasm-bindgen command line under rust/target when it is missing. `pkg/` is committed, so nobody
 * else needs any of it. Exit code 1: the build works, but is not the one that is committed.
 *
 * With `--vectors` it builds `vectors/pkg/` instead: the test-only client for RFC 9420's official vectors.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const WASM_BINDGEN = '0.2.130';
/** The npm package that carries wasm-opt: 100 MB, so it is fetched here and not by everybody's `npm install`. */
const BINARYEN = '132.0.0';
const here = dirname(fileURLToPath(import.meta.url));
const vectors = process.argv.includes('--vectors');
const rust = join(here, vectors ? 'vectors' : 'rust');
const pkg = join(here, vectors ? 'vectors/pkg' : 'pkg');
const library = vectors ? 'cipherchat_mls_vectors' : 'cipherchat_mls';
const name = vectors ? 'vectors' : 'mls';
const target = join(here, 'rust', 'target');
const update = process.argv.includes('--update');

/** Runs a command and shows what it prints. */
function run(command, args, options = {}) {
  execFileSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'], cwd: rust, ...options });
}

/** What a command prints, or null where it cannot be run. */
function output(command, args) {
  const result = spawnSync(command, args, { encoding: 'utf8', cwd: rust });
  return result.status === 0 ? result.stdout.trim() : null;
}

/** The pinned wasm-bindgen: on the PATH, under target/tools, or installed there now. */
function wasmBindgen() {
  const own = join(target, 'tools', 'bin', 'wasm-bindgen');
  for (const candidate of ['wasm-bindgen', own]) {
    if (output(candidate, ['--version']) === `wasm-bindgen ${WASM_BINDGEN}`) return candidate;
  }
  console.log(`installing wasm-bindgen-cli ${WASM_BINDGEN} under rust/target/tools …`);
  run('cargo', ['install', 'wasm-bindgen-cli', '--version', WASM_BINDGEN, '--root', join(target, 'tools')]);
  return own;
}

/** The pinned wasm-opt, installed under target/tools when it is missing. */
function wasmOpt() {
  const tools = join(target, 'tools');
  const manifest = join(tools, 'node_modules', 'binaryen', 'package.json');
  if (!existsSync(manifest) || JSON.parse(readFileSync(manifest, 'utf8')).version !== BINARYEN) {
    console.log(`installing binaryen ${BINARYEN} under rust/target/tools …`);
    mkdirSync(tools, { recursive: true });
    run('npm', [
      'install',
      '--no-save',
      '--no-audit',
      '--no-fund',
      '--ignore-scripts',
      '--prefix',
      tools,
      `binaryen@${BINARYEN}`,
    ]);
  }
  return join(tools, 'node_modules', 'binaryen', 'bin', 'wasm-opt');
}

/** No path of this machine may land in the binary: panic locations carry the source path. */
function remappedPaths() {
  const cargoHome = process.env['CARGO_HOME'] ?? join(homedir(), '.cargo');
  const registry = join(cargoHome, 'registry', 'src');
  const sources = readdirSync(registry).map((name) => `${join(registry, name)}=/crates`);
  const sysroot = output('rustc', ['--print', 'sysroot']);
  // The client for the vectors is made of the binding's own sources as well.
  const shared = vectors ? [`${here}=/mls-wasm`] : [];
  return [...shared, `${rust}=/mls`, `${sysroot}=/rust`, ...sources].map(
    (pair) => `--remap-path-prefix=${pair}`,
  );
}

function sha256(path) {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

if (output('cargo', ['--version']) === null) {
  console.error('cargo is missing: install Rust with rustup (https://rustup.rs), then run this again.');
  process.exit(2);
}

run('cargo', ['fetch', '--locked', '--target', 'wasm32-unknown-unknown']);
const flags = remappedPaths();
run('cargo', ['build', '--release', '--locked', '--target', 'wasm32-unknown-unknown'], {
  env: { ...process.env, CARGO_ENCODED_RUSTFLAGS: flags.join('\x1f'), CARGO_TARGET_DIR: target },
});

mkdirSync(target, { recursive: true });
const out = mkdtempSync(join(target, 'pkg-'));
run(wasmBindgen(), [
  join(target, 'wasm32-unknown-unknown', 'release', `${library}.wasm`),
  ...['--target', 'web', '--omit-default-module-path', '--experimental-reset-state-function'],
  ...['--remove-producers-section', '--remove-name-section', '--out-dir', out, '--out-name', name],
]);
// Named one by one: `--all-features` writes import encodings that no engine reads yet.
const features = [
  'bulk-memory',
  'bulk-memory-opt',
  'multivalue',
  'mutable-globals',
  'nontrapping-float-to-int',
  'reference-types',
  'sign-ext',
];
run(process.execPath, [
  wasmOpt(),
  '-Oz',
  '--mvp-features',
  ...features.map((name) => `--enable-${name}`),
  join(out, `${name}_bg.wasm`),
  '-o',
  join(out, `${name}.wasm`),
]);
rmSync(join(out, `${name}_bg.wasm`));
rmSync(join(out, `${name}_bg.wasm.d.ts`), { force: true });

const files = [`${name}.wasm`, `${name}.js`, `${name}.d.ts`];
const sums = files.map((file) => `${sha256(join(out, file))}  ${file}\n`).join('');
const committed = existsSync(join(pkg, 'SHA256SUMS')) ? readFileSync(join(pkg, 'SHA256SUMS'), 'utf8') : '';
console.log(sums);
if (sums === committed) {
  console.log('reproduced: the build equals the committed pkg/SHA256SUMS.');
  rmSync(out, { recursive: true });
} else if (update) {
  rmSync(pkg, { recursive: true, force: true });
  renameSync(out, pkg);
  writeFileSync(join(pkg, 'SHA256SUMS'), sums);
  console.log('updated pkg/; commit it.');
} else {
  console.error(
    `NOT reproduced: the committed sums are\n${committed}\nThe new build is in ${resolve(out)}. To accept it: npm run build:wasm -- --update`,
  );
  process.exit(1);
}
