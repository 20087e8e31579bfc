/** What the tests of this package read from the environment. */
const defaultSeeds = 40;

/** Runs of each random test: CIPHERCHAT_SEEDS, or enough to meet every point of every step. */
export function seedsPerTest(): number {
  const text = process.env['CIPHERCHAT_SEEDS'];
  if (text === undefined) return defaultSeeds;
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new Error('CIPHERCHAT_SEEDS must be a number of seeds');
  return Number(text);
}

/** Where the operating system finds programs: child processes get nothing else of our environment. */
export function programPath(): string | undefined {
  return process.env['PATH'];
}
