/**
 * Lets plain Node run our TypeScript sources, without a build that could be out of date: Node strips the
 * types itself, but does not know that `./x.js` means `./x.ts` in a source file. `node --import` this file,
 * together with `--conditions=@cipherchat/source`.
 */
import { existsSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

registerHooks({
  resolve(specifier, context, nextResolve) {
    if (specifier.startsWith('.') && specifier.endsWith('.js') && context.parentURL?.endsWith('.ts')) {
      const source = new URL(specifier.replace(/\.js$/, '.ts'), context.parentURL);
      if (existsSync(fileURLToPath(source))) return nextResolve(source.href, context);
    }
    return nextResolve(specifier, context);
  },
});
