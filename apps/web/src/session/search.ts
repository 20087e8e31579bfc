/**
 * What somebody looks for, and what was found: kept for as long as the page lives, so that coming back from a message
 * finds the list as it was. It stands nowhere else; least of all in an address.
 */
import type {
  Clock,
  ConversationId,
  Message,
  SearchCursor,
  SearchHit,
  SearchPage,
} from '@cipherchat/client-sdk';
import type { Call } from './session.js';
import { Watched } from './watched.js';

/** After the last letter: who types on is not answered in between. */
const pauseMs = 120;
const pageHits = 30;
/** What one call gives at most. */
const maxPageHits = 100;

export type SearchState = {
  /** As it was typed. */
  readonly text: string;
  /** `null`: in all conversations. */
  readonly within: ConversationId | null;
  /** `nothing`: no text. While it is `looking`, what was found before stays. */
  readonly progress: 'nothing' | 'looking' | 'found' | 'failed';
  /** Newest first, each message once. */
  readonly hits: readonly SearchHit[];
  readonly hasMore: boolean;
};

const fresh: SearchState = { text: '', within: null, progress: 'nothing', hits: [], hasMore: false };

export class Search {
  readonly state = new Watched<SearchState>(fresh);
  private next: SearchCursor | null = null;
  private cancelPause = (): void => undefined;
  /** Of the last that was asked: the answers to earlier ones are not wanted any more. */
  private asked = 0;

  constructor(
    private readonly call: Call,
    private readonly clock: Pick<Clock, 'setTimer'>,
  ) {}

  /** Where to look. Elsewhere than before, it begins with nothing. */
  enter(within: ConversationId | null): void {
    if (this.state.read().within === within) return;
    this.forgetAnswers();
    this.state.set({ ...fresh, within });
  }

  /** The same, in all conversations. */
  widen(): void {
    const { text } = this.state.read();
    this.enter(null);
    this.type(text);
  }

  type(text: string): void {
    this.forgetAnswers();
    const before = this.state.read();
    if (text.trim() === '') return this.state.set({ ...fresh, within: before.within, text });
    this.state.set({ ...before, text, progress: 'looking' });
    this.cancelPause = this.clock.setTimer(() => void this.look(pageHits), pauseMs);
  }

  /** Adds the next page. */
  async more(): Promise<void> {
    const { progress, hits } = this.state.read();
    if (progress !== 'found' || this.next === null) return;
    await this.read({ before: this.next, limit: pageHits, known: hits });
  }

  /** A message of the list is another now, or gone. */
  changed({ id }: Pick<Message, 'id'>): void {
    if (this.state.read().hits.some(({ message }) => message.id === id)) this.again();
  }

  /** A conversation was declined: nothing of it stays. */
  forget(conversation: ConversationId): void {
    const state = this.state.read();
    if (state.within === conversation) return this.enter(null);
    const hits = state.hits.filter(({ message }) => message.conversation !== conversation);
    if (hits.length < state.hits.length) this.state.set({ ...state, hits });
  }

  /** Looks anew for all that is in the list: what was told meanwhile may have changed it. */
  again(): void {
    const { progress, hits } = this.state.read();
    if (progress === 'nothing') return;
    void this.look(Math.min(maxPageHits, Math.max(pageHits, hits.length)));
  }

  private look(limit: number): Promise<void> {
    this.forgetAnswers();
    return this.read({ before: [], limit, known: [] });
  }

  private forgetAnswers(): void {
    this.cancelPause();
    this.asked += 1;
  }

  /** On until something is found, or there is nothing more: a page of a very long history may be empty. */
  private async read(params: {
    readonly before: SearchCursor;
    readonly limit: number;
    readonly known: readonly SearchHit[];
  }): Promise<void> {
    const { known, limit } = params;
    const { asked } = this;
    const { text, within } = this.state.read();
    const where = within === null ? {} : { conversation: within };
    let before: SearchCursor | null = params.before;
    let hits = known;
    try {
      while (before !== null && hits.length === known.length) {
        const page: SearchPage = await this.call('search', { text, before, limit, ...where });
        if (asked !== this.asked) return;
        hits = withoutTwice([...hits, ...page.hits]);
        before = page.next;
      }
    } catch {
      if (asked === this.asked) this.state.set({ ...this.state.read(), progress: 'failed' });
      return;
    }
    this.next = before;
    this.state.set({ text, within, progress: 'found', hits, hasMore: before !== null });
  }
}

/** A message that was sent between two pages moved from the one to the other. */
function withoutTwice(hits: readonly SearchHit[]): readonly SearchHit[] {
  return [...new Map(hits.map((hit) => [hit.message.id, hit])).values()];
}
