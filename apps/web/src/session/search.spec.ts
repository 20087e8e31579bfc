/** Looking while somebody types. The client behind it, and time, are faked: answers come when the story says so. */
import { describe, expect, it } from '@jest/globals';
import type { ConversationId, SearchCursor, SearchHit, SearchPage } from '@cipherchat/client-sdk';
import { Search } from './search.js';
import type { Call } from './session.js';

type Asked = {
  readonly text: string;
  readonly conversation?: ConversationId;
  readonly before: SearchCursor;
  readonly limit: number;
  readonly answer: (page: SearchPage) => Promise<void>;
  readonly fail: () => Promise<void>;
};

const chat = 'chat' as ConversationId;
const cursor: SearchCursor = [{ conversation: chat, before: '5' }];
const hit = (id: string, conversation = chat): SearchHit =>
  ({ message: { id, conversation }, conversation: { id: conversation }, ranges: [] }) as unknown as SearchHit;
const page = (ids: readonly string[], next: SearchCursor | null = null): SearchPage => ({
  hits: ids.map((id) => hit(id)),
  next,
});

function begin() {
  const asked: Asked[] = [];
  const timers = new Set<() => void>();
  const settled = () => new Promise<void>((resolve) => setTimeout(resolve));
  const call = ((_: string, params: Omit<Asked, 'answer' | 'fail'>) =>
    new Promise<SearchPage>((resolve, reject) => {
      const answer = (found: SearchPage) => {
        resolve(found);
        return settled();
      };
      const fail = () => {
        reject(new Error('no host'));
        return settled();
      };
      asked.push({ ...params, answer, fail });
    })) as unknown as Call;
  const clock = {
    setTimer: (callback: () => void) => {
      timers.add(callback);
      return () => void timers.delete(callback);
    },
  };
  const search = new Search(call, clock);
  /** Nobody types for a moment. */
  const pause = (): Asked => {
    const due = [...timers];
    timers.clear();
    for (const callback of due) callback();
    const last = asked.at(-1);
    if (last === undefined) throw new Error('nothing was asked');
    return last;
  };
  const shown = () => {
    const { progress, hits, hasMore } = search.state.read();
    return { progress, ids: hits.map(({ message }) => message.id), hasMore };
  };
  return { search, asked, timers, pause, shown };
}

describe('a search while somebody types', () => {
  it('asks once they pause, for all that they typed', async () => {
    const { search, asked, pause, shown } = begin();
    for (const text of ['t', 'te', 'tea']) search.type(text);
    expect(asked).toEqual([]);
    expect(shown().progress).toBe('looking');
    await pause().answer(page(['a', 'b']));
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatchObject({ text: 'tea', before: [] });
    expect(asked[0]).not.toHaveProperty('conversation');
    expect(shown()).toEqual({ progress: 'found', ids: ['a', 'b'], hasMore: false });
  });

  it('shows no answer to what is not wanted any more, and what was found until there is another', async () => {
    const { search, pause, shown } = begin();
    search.type('tea');
    await pause().answer(page(['a']));
    search.type('teap');
    const late = pause();
    search.type('team');
    await late.answer(page(['late']));
    expect(shown()).toEqual({ progress: 'looking', ids: ['a'], hasMore: false });
    await pause().answer(page([]));
    expect(shown()).toEqual({ progress: 'found', ids: [], hasMore: false });
  });

  it('ends when there is no text', async () => {
    const { search, asked, pause, timers, shown } = begin();
    search.type('tea');
    const late = pause();
    search.type('  ');
    await late.answer(page(['late']));
    expect(shown()).toEqual({ progress: 'nothing', ids: [], hasMore: false });
    expect([timers.size, asked.length]).toEqual([0, 1]);
  });

  it('reads on behind empty pages, and shows each message once', async () => {
    const { search, asked, pause, shown } = begin();
    search.type('tea');
    await pause().answer(page([], cursor));
    await asked[1]?.answer(page(['a', 'b'], cursor));
    expect(asked[1]).toMatchObject({ before: cursor });
    expect(shown()).toEqual({ progress: 'found', ids: ['a', 'b'], hasMore: true });
    const reading = search.more();
    await asked[2]?.answer(page(['b', 'c']));
    await reading;
    expect(shown()).toEqual({ progress: 'found', ids: ['a', 'b', 'c'], hasMore: false });
    await search.more();
    expect(asked).toHaveLength(3);
  });

  it('says that it failed, and works again', async () => {
    const { search, pause, shown } = begin();
    search.type('tea');
    await pause().fail();
    expect(shown().progress).toBe('failed');
    search.again();
    await pause().answer(page(['a']));
    expect(shown()).toMatchObject({ progress: 'found', ids: ['a'] });
  });
});

describe('where a search looks', () => {
  it('begins anew elsewhere, and stays as it was on coming back', async () => {
    const { search, asked, pause, shown } = begin();
    search.enter(chat);
    search.type('tea');
    await pause().answer(page(['a']));
    expect(asked[0]).toMatchObject({ conversation: chat });
    search.enter(chat);
    expect(shown().ids).toEqual(['a']);
    search.enter(null);
    expect(search.state.read()).toMatchObject({ text: '', progress: 'nothing', hits: [] });
  });

  it('is widened with what was typed', async () => {
    const { search, pause } = begin();
    search.enter(chat);
    search.type('tea');
    await pause().answer(page([]));
    search.widen();
    expect(search.state.read()).toMatchObject({ text: 'tea', within: null, progress: 'looking' });
    expect(pause()).not.toHaveProperty('conversation');
  });
});

describe('what was found', () => {
  it('is looked for again when it changed, and nothing else is', async () => {
    const { search, asked, pause, shown } = begin();
    search.type('tea');
    await pause().answer(page(['a', 'b']));
    search.changed(hit('other').message);
    expect(asked).toHaveLength(1);
    search.changed(hit('a').message);
    await asked[1]?.answer(page(['b']));
    expect(shown().ids).toEqual(['b']);
  });

  it('goes with a conversation that is declined', async () => {
    const { search, pause, shown } = begin();
    const other = 'other' as ConversationId;
    search.type('tea');
    await pause().answer({ hits: [hit('a'), hit('b', other)], next: null });
    search.forget(other);
    expect(shown().ids).toEqual(['a']);
    search.enter(other);
    search.type('tea');
    await pause().answer({ hits: [hit('b', other)], next: null });
    search.forget(other);
    expect(search.state.read()).toMatchObject({ text: '', within: null, hits: [] });
  });
});
