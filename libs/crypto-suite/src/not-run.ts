/** Official vectors that exist and are not run here, each with the reason. Also in docs/crypto-tests.md. */
export const notRun: ReadonlyArray<{ readonly what: string; readonly why: string }> = [];
