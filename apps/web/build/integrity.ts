/** What `index.html` names is held to its digest, and what a script asks for is on its way before. */
import { createHash } from 'node:crypto';
import type { Plugin, Rolldown } from 'vite';

/** The digest that browsers compare (Subresource Integrity). */
export function digestOf(content: string | Uint8Array): string {
  return `sha384-${createHash('sha384').update(content).digest('base64')}`;
}

export function contentOf(output: Rolldown.OutputAsset | Rolldown.OutputChunk): string | Uint8Array {
  return output.type === 'chunk' ? output.code : output.source;
}

const bundled = / (?:src|href)="\/(assets\/[^"]+)"/;

/** Adds `integrity` to each script and style sheet of the build. */
export function integrity(): Plugin {
  return {
    name: 'integrity',
    apply: 'build',
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        const page = bundle['index.html'];
        if (page?.type !== 'asset') return;
        page.source = String(page.source).replaceAll(/<(?:script|link)[^>]*>/g, (tag) => {
          const name = bundled.exec(tag)?.[1];
          const output = name === undefined ? undefined : bundle[name];
          // Browsers check no digest of what is only fetched ahead, and say so.
          if (output === undefined || tag.includes('as="fetch"')) return tag;
          return tag.replace(/>$/, ` integrity="${digestOf(contentOf(output))}">`);
        });
      },
    },
  };
}

/**
 * The engine and the worker are asked for by scripts. The browser fetches the engine while it reads the page, and runs the
 * script that starts the worker before it has the others.
 */
export function preload({ first }: { readonly first: string }): Plugin {
  return {
    name: 'preload',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler(_html, { bundle }) {
        const outputs = Object.values(bundle ?? {});
        const engine = outputs.find(({ fileName }) => fileName.endsWith('.wasm'));
        const script = outputs.find((output) => output.type === 'chunk' && output.name === first);
        if (engine === undefined || script === undefined) throw new Error('the build lacks what comes first');
        const fetched = {
          rel: 'preload',
          as: 'fetch',
          type: 'application/wasm',
          crossorigin: '',
          href: `/${engine.fileName}`,
        };
        // Not in line behind the page: it needs nothing of it.
        const run = { type: 'module', async: '', crossorigin: '', src: `/${script.fileName}` };
        return [
          { tag: 'link', attrs: fetched, injectTo: 'head' as const },
          { tag: 'script', attrs: run, injectTo: 'head' as const },
        ];
      },
    },
  };
}
