/** Failures that are part of life, and anything else, which is a fault of ours or of the server's. */
import { HaltedError } from '../state/steps.js';
import { NetworkError } from '../ports/http.js';
import { isProblem } from '@cipherchat/protocol';
import { AccessEndedError } from './session.js';

/** No answer, a refusal, or a client that has stopped: whoever began the work tries again, or need not. */
export function isExpectedFailure(error: unknown): boolean {
  const isOver = error instanceof HaltedError || error instanceof AccessEndedError;
  return isOver || isProblem(error) || error instanceof NetworkError;
}
