/** What `index.html` names is held to its digest, and the engine is fetched beside the scripts. */
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

/** The worker and the engine are asked for by a script; this lets the browser fetch them while it reads the page. */
export function preload(): Plugin {
  return {
    name: 'preload',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler(_html, { bundle }) {
        const wasm = Object.keys(bundle ?? {}).find((name) => name.endsWith('.wasm'));
        if (wasm === undefined) return [];
        const attrs = {
          rel: 'preload',
          as: 'fetch',
          type: 'application/wasm',
          crossorigin: '',
          href: `/${wasm}`,
        };
        return [{ tag: 'link', attrs, injectTo: 'head' as const }];
      },
    },
  };
}
