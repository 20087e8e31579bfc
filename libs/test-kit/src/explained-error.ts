/** Something that the person at the terminal can act on: commands print its message, without a stack. */
export class ExplainedError extends Error {
  override readonly name = 'ExplainedError';
}
