/**
 * Reads a file of the repository, in Node from the disk. A page has no disk: there, whoever runs the specs
 * fetches the files beforehand and lends a `readFileSync` that knows them by name (libs/browser-suite).
 */
export function readFile(url: URL): Uint8Array<ArrayBuffer> {
  return new Uint8Array(process.getBuiltinModule('node:fs').readFileSync(url));
}
