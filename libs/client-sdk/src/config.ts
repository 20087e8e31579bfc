/** What the tests of this package read from the environment. */

/** Where the operating system finds programs: child processes get nothing else of our environment. */
export function programPath(): string | undefined {
  return process.env['PATH'];
}
