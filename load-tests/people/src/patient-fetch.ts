/** What a busy service answers (503) is asked again, as a client does: making ready is not what is measured. */
const maxAttempts = 20;
const retryMs = 500;
const busyStatus = 503;
const timeoutMs = 10_000;

/** How a request is made: the machine's `fetch`, or one that comes from another address. */
export type Fetch = (url: string, request: RequestInit) => Promise<Response>;

/** @throws Error with the last answer when it is not a success */
export async function patientFetch(
  url: string,
  request: RequestInit & { readonly by?: Fetch | undefined },
): Promise<Response> {
  const { by = fetch, ...rest } = request;
  for (let attempt = 1; ; attempt++) {
    const answer = await by(url, { ...rest, signal: AbortSignal.timeout(timeoutMs) });
    if (answer.ok) return answer;
    const text = await answer.text();
    if (answer.status !== busyStatus || attempt === maxAttempts)
      throw new Error(`${new URL(url).pathname} answered ${answer.status}: ${text}`);
    await new Promise((resolve) => setTimeout(resolve, retryMs));
  }
}

/** `make(index)` for each index below `count`, so many at once; the results in order. */
export async function makeSome<Made>(params: {
  readonly count: number;
  readonly atOnce: number;
  readonly make: (index: number) => Promise<Made>;
}): Promise<readonly Made[]> {
  const { count, atOnce, make } = params;
  const made = new Map<number, Made>();
  let begun = 0;
  const work = async (): Promise<void> => {
    while (begun < count) {
      const index = begun++;
      made.set(index, await make(index));
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, work));
  return [...made].toSorted(([one], [other]) => one - other).map(([, each]) => each);
}
