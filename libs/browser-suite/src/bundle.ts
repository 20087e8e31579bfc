/** Bundles specs for a page. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { build, type Plugin } from 'esbuild';
import { root } from './repository.js';

const here = import.meta.dirname;
/** Named by Jest's packages: for stack traces, colours and files. */
const nodeModules =
  /^(node:)?(assert|async_hooks|child_process|crypto|events|fs|module|os|path|perf_hooks|process|stream|tty|url|util\/types|v8|vm|worker_threads)$|^graceful-fs$|^ci-info$/;

/** All specs and the page's runner, as one module. */
export async function bundlePage(params: {
  /** As paths in the repository. */
  readonly specs: readonly string[];
  /** Names of the files that specs read. */
  readonly files: readonly string[];
}): Promise<string> {
  const evaluations = params.specs.map(
    (spec) => `[${JSON.stringify(spec)}, () => { require(${JSON.stringify(path.join(root, spec))}); }]`,
  );
  const result = await build({
    stdin: {
      contents: `import { runSuite } from './page/suite.js';\nawait runSuite({ files: ${JSON.stringify(params.files)}, specs: [\n${evaluations.join(',\n')}\n] });`,
      resolveDir: here,
      loader: 'ts',
    },
    absWorkingDir: root,
    bundle: true,
    write: false,
    platform: 'browser',
    format: 'esm',
    target: 'es2023',
    // Jest's packages ask for these while they load.
    define: { __dirname: '"/"', __filename: '"/page"' },
    banner: { js: 'globalThis.process = { env: {} };' },
    conditions: ['@cipherchat/source'],
    mainFields: ['browser', 'module', 'main'],
    // jest-each makes titles with Node's `util.format`; this is the same for browsers.
    alias: { '@jest/globals': path.join(here, 'page/jest-globals.ts'), 'node:util': 'util/util.js' },
    plugins: [withoutNode, bufferForSpecs],
    sourcemap: 'inline',
    logLevel: 'silent',
  });
  return result.outputFiles[0]?.text ?? '';
}

/** A worker that specs start, as one module. */
export async function bundleWorker(entry: string): Promise<string> {
  const result = await build({
    entryPoints: [path.join(root, entry)],
    absWorkingDir: root,
    bundle: true,
    write: false,
    platform: 'browser',
    format: 'esm',
    target: 'es2023',
    conditions: ['@cipherchat/source'],
    sourcemap: 'inline',
    logLevel: 'silent',
  });
  return result.outputFiles[0]?.text ?? '';
}

/** Jest's packages get an empty stand-in for Node's modules. Our own sources get none: they must not name any. */
const withoutNode: Plugin = {
  name: 'without-node',
  setup(current) {
    current.onResolve({ filter: nodeModules }, ({ importer, path: name }) => {
      if (!importer.includes(`${path.sep}node_modules${path.sep}`))
        return {
          errors: [{ text: `${path.relative(root, importer)} imports ${name}: there is no Node in a page` }],
        };
      return { path: path.join(here, 'page/absent-node-module.ts') };
    });
  },
};

/** Specs may use Buffer to write hex; the code that they test may not, and finds none. */
const bufferForSpecs: Plugin = {
  name: 'buffer-for-specs',
  setup(current) {
    current.onLoad({ filter: /\.spec\.ts$/ }, async ({ path: file }) => {
      const source = await readFile(file, 'utf8');
      return {
        loader: 'ts',
        contents: source.includes('Buffer.') ? `import { Buffer } from 'buffer/index.js';${source}` : source,
      };
    });
  },
};
