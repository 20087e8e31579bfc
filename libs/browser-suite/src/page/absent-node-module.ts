/**
 * Stands for the Node modules that Jest's packages load for their stack traces and colours: everything in
 * it is there, and nothing does anything. Our own sources never get it (see `withoutNode` in bundle.ts).
 */
const absent: unknown = new Proxy(() => absent, {
  get: (_target, name) => (name === Symbol.toPrimitive ? () => '/' : name === '__esModule' ? true : absent),
});
module.exports = absent;
declare const module: { exports: unknown };
