/**
 * Which of the entries at hand may be applied now. The cursor only ever moves to the next seq, so an entry that came
 * too early never carries it past what is missing, and one that came twice is dropped.
 */
export type Contiguity = 'next' | 'duplicate' | 'gap';

export function judgeContiguity(params: { readonly cursorSeq: number; readonly seq: number }): Contiguity {
  const { cursorSeq, seq } = params;
  if (seq <= cursorSeq) return 'duplicate';
  return seq === cursorSeq + 1 ? 'next' : 'gap';
}

/** Of entries by seq: those that follow the cursor without a gap, in order, at most `limit`. */
export function contiguousRun<Entry>(params: {
  readonly bySeq: ReadonlyMap<number, Entry>;
  readonly cursorSeq: number;
  readonly limit: number;
}): readonly Entry[] {
  const run: Entry[] = [];
  for (let seq = params.cursorSeq + 1; run.length < params.limit; seq++) {
    const entry = params.bySeq.get(seq);
    if (entry === undefined) break;
    run.push(entry);
  }
  return run;
}
