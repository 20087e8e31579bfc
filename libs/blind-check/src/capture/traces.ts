import type { TraceCollector } from '@cipherchat/test-kit';
import type { Captured } from '../detector/secret.js';

/** What the services exported; the detector opens compressed bodies itself. */
export type TraceContent = { readonly captured: readonly Captured[]; readonly attributes: readonly string[] };

/** Of a span, an event, a link or a resource, in JSON. */
const attributeName = /"key":"([^"]*)"/g;

export function captureTraces({ bodies }: TraceCollector): TraceContent {
  const names = bodies.flatMap(({ bytes }) =>
    [...bytes.toString().matchAll(attributeName)].map(([, name]) => name ?? ''),
  );
  return {
    captured: bodies.map(({ path, bytes }) => ({ place: 'traces', location: path, bytes })),
    attributes: [...new Set(names)].sort(),
  };
}
