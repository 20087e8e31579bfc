/** `node write-bundle.js FILE`: bundles the generator, for an image that has no bundler. */
import { bundleGenerator } from './bundle.js';

const [file] = process.argv.slice(2);
if (file === undefined) throw new Error('Which file is it to be?');
await bundleGenerator(file);
