/** Pure functions; nothing mocked. */
import { describe, expect, it } from '@jest/globals';
import { judgeRoom, type RoomView } from './account.js';

function view(member: string, keys: readonly string[], more: Partial<RoomView> = {}): RoomView {
  const shown = keys.map((key) => ({ key, text: `text of ${key}` }));
  return { member, shown, gaps: 0, toldTwice: [], waiting: 0, ...more };
}

function judge(views: readonly RoomView[], ...acknowledged: readonly string[]) {
  return judgeRoom({ room: 'a room', acknowledged: new Set(acknowledged), views });
}

describe('the account of a room', () => {
  it('finds nothing wrong where all hold the same, in whatever order', () => {
    const account = judge(
      [view('ana', ['a.1', 'b.1', 'a.2']), view('ben', ['b.1', 'a.1', 'a.2'])],
      'a.1',
      'b.1',
    );
    expect(account).toMatchObject({
      acknowledged: 2,
      lost: 0,
      twice: 0,
      late: 0,
      isUnequal: false,
      notes: [],
    });
  });

  it('counts as lost what was acknowledged and one member lacks', () => {
    expect(judge([view('ana', ['a.1']), view('ben', [])], 'a.1')).toMatchObject({ lost: 1, isUnequal: true });
  });

  it('counts as marked what a mark says is missing, and the rest as lost', () => {
    const account = judge(
      [view('ana', ['a.1', 'a.2', 'a.3']), view('ben', ['a.3'], { gaps: 1 })],
      'a.1',
      'a.2',
    );
    expect(account).toMatchObject({ lost: 1, marked: 1 });
  });

  it('counts what stands twice and what was told twice', () => {
    const twice = judge([view('ana', ['a.1', 'a.1'], { toldTwice: ['b.1'] }), view('ben', ['a.1'])], 'a.1');
    expect(twice.twice).toBe(2);
  });

  it('is unequal where only the text differs', () => {
    const other: RoomView = { ...view('ben', []), shown: [{ key: 'a.1', text: 'another' }] };
    expect(judge([view('ana', ['a.1']), other], 'a.1')).toMatchObject({ lost: 0, isUnequal: true });
  });

  it('counts what came behind a later message of its writer', () => {
    expect(judge([view('ana', ['a.2', 'b.1', 'a.1'])], 'a.1').late).toBe(1);
  });

  it('names who has messages that still wait', () => {
    const account = judge([view('ana', [], { waiting: 3 })]);
    expect(account.waiting).toBe(3);
    expect(account.notes.join()).toContain('ana');
  });
});
