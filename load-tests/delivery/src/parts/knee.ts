/** A system is past its knee when p99 reaches this, or something is missing. */
export const kneeMs = 200;

export type Knee<Probe> = { readonly perSecond: number; readonly probes: readonly Probe[] };

/**
 * The highest rate that holds: up by steps of 1.5 until one does not, then half-way between a few times. 0 when not
 * even the first does. A rate that fails is tried once more: on a shared machine one stall is not a knee.
 */
export async function findKnee<Probe>(params: {
  readonly from: number;
  readonly max: number;
  readonly halvings: number;
  readonly probe: (perSecond: number) => Promise<{ readonly holds: boolean; readonly probe: Probe }>;
}): Promise<Knee<Probe>> {
  const { from, max, halvings, probe } = params;
  const probes: Probe[] = [];
  const holds = async (perSecond: number): Promise<boolean> => {
    for (let attempt = 0; attempt < 2; attempt++) {
      const result = await probe(perSecond);
      probes.push(result.probe);
      if (result.holds) return true;
    }
    return false;
  };
  let good = 0;
  let bad = from;
  while (bad <= max && (await holds(bad))) {
    good = bad;
    bad = Math.round(bad * 1.5);
  }
  if (bad > max && good > 0) return { perSecond: good, probes };
  for (let halving = 0; halving < halvings; halving++) {
    const middle = Math.round((good + bad) / 2);
    if (await holds(middle)) good = middle;
    else bad = middle;
  }
  return { perSecond: good, probes };
}
