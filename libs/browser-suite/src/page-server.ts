/** Serves one page with its scripts on loopback, from memory. */
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import path from 'node:path';

const html = `<!doctype html><meta charset="utf-8"><title>specs</title>
<script src="/mocha.js"></script><script type="module" src="/specs.js"></script>`;

export type PageServer = { readonly url: string; stop(): Promise<void> };

export async function servePage(params: {
  readonly script: string;
  /** Of workers that specs start, by name. */
  readonly workers: ReadonlyMap<string, string>;
  /** Files that specs read, by the name under which the page gets them. */
  readonly files: ReadonlyMap<string, string>;
}): Promise<PageServer> {
  const mocha = path.join(
    path.dirname(createRequire(import.meta.url).resolve('mocha/package.json')),
    'mocha.js',
  );
  const files = new Map<string, readonly [type: string, body: string | Buffer]>([
    ['/', ['text/html', html]],
    ['/specs.js', ['text/javascript', params.script]],
    ['/mocha.js', ['text/javascript', await readFile(mocha)]],
  ]);
  for (const [name, script] of params.workers) files.set(`/${name}`, ['text/javascript', script]);
  for (const [name, file] of params.files)
    files.set(`/${name}`, ['application/octet-stream', await readFile(file)]);
  const server = createServer((request, response) => {
    const [type, body] = files.get(request.url ?? '') ?? [];
    if (type === undefined) response.writeHead(404).end();
    else response.writeHead(200, { 'content-type': `${type}; charset=utf-8` }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    // By name: there are no passkeys for an address.
    url: `http://localhost:${port}/`,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
