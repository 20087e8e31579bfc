/** What goes wrong in a page without anybody seeing it: errors in the console, exceptions, and what its policy forbade. */
import type { BrowserContext } from '@playwright/test';

/** Of a browser whose network failed: it names what it could not load. */
const ofTheNetwork = /net::ERR_|WebSocket connection to/;

declare const reportViolation: (violation: string) => void;

export class WatchedPages {
  private readonly seen: string[] = [];
  private readonly expected: RegExp[] = [];

  private constructor(private readonly network: { readonly hasFailed: boolean }) {}

  /** All pages of a context, from their first script on. */
  static async of(context: BrowserContext, network: { readonly hasFailed: boolean }): Promise<WatchedPages> {
    const pages = new WatchedPages(network);
    context.on('console', (message) => {
      if (message.type() === 'error') pages.seen.push(message.text());
    });
    context.on('weberror', (error) => pages.seen.push(error.error().message));
    await context.exposeFunction('reportViolation', (violation: string) => pages.seen.push(violation));
    await context.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
        reportViolation(`policy: ${violatedDirective} ${blockedURI}`),
      );
    });
    return pages;
  }

  /** A browser calls an answer of 4xx an error, also where the app has a sentence for it. */
  expect(pattern: RegExp): void {
    this.expected.push(pattern);
  }

  get faults(): readonly string[] {
    return this.seen
      .filter((text) => !this.expected.some((pattern) => pattern.test(text)))
      .filter((text) => !(this.network.hasFailed && ofTheNetwork.test(text)));
  }
}
