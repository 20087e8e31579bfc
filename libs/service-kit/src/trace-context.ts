import { AsyncLocalStorage } from 'node:async_hooks';

/** W3C Trace Context: version, trace id, parent id, flags. */
const traceparentForm = /^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$/;
const storage = new AsyncLocalStorage<string>();

export const traceHeader = 'traceparent';

/** The `traceparent` of the request or command being handled; passed on with NATS requests. */
export function currentTrace(): string | undefined {
  return storage.getStore();
}

/** Runs `work` within the trace, if what came over the wire is one. */
export function withinTrace<Result>(traceparent: string | undefined, work: () => Result): Result {
  return traceparent !== undefined && traceparentForm.test(traceparent)
    ? storage.run(traceparent, work)
    : work();
}
