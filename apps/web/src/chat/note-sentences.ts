/** What happened between messages, in sentences. Of oneself a sentence is another one: in most languages "you" does not stand where a name does. */
import type { Message, UserId } from '@cipherchat/client-sdk';
import type { Language } from '../catalogue/languages.js';

type Body<Kind extends Message['body']['kind']> = Extract<Message['body'], { readonly kind: Kind }>;

export type Wording = Pick<Language, 't' | 'amount' | 'list' | 'duration'> & {
  readonly self: UserId;
  readonly nameOf: (user: UserId) => string;
};

export function named(
  { name, by }: { readonly name: string; readonly by: UserId | null },
  { self, t, nameOf }: Wording,
): string {
  if (by === self) return t.chat.youNamed(name);
  return t.chat.named(by === null ? t.chat.unknownPerson : nameOf(by), name);
}

export function membership({ by, added, removed, left }: Body<'membership'>, wording: Wording): string {
  const { self, t, nameOf } = wording;
  const sentences: string[] = [];
  // Who founds a group is in it from the start, and was added by nobody.
  const others = added.filter((user) => user !== by);
  const somebody = by === null ? t.chat.unknownPerson : nameOf(by);
  if (added.length > 0 && (by === null || others.length === 0))
    sentences.push(t.chat.joined(namesAtStart(added, wording)));
  else if (others.length > 0 && by === self) sentences.push(t.chat.youAdded(namesWithin(others, wording)));
  else if (others.length > 0) sentences.push(t.chat.added(somebody, namesWithin(others, wording)));
  if (removed.length > 0 && by === self) sentences.push(t.chat.youRemoved(namesWithin(removed, wording)));
  else if (removed.length > 0) sentences.push(t.chat.removed(somebody, namesWithin(removed, wording)));
  if (left.length > 0) sentences.push(t.chat.left(namesAtStart(left, wording)));
  return sentences.join(' ');
}

/** Who joined is told how long messages stay, and not who set it. */
export function timerChanged(
  { change, disappearAfterS, by }: Body<'timer'> & { readonly by: UserId | null },
  { self, t, nameOf, duration }: Wording,
): string {
  const said = t.disappearing;
  const after = disappearAfterS === null ? null : duration(disappearAfterS);
  if (change === 'told') return after === null ? said.toldOff : said.told(after);
  if (by === self) return after === null ? said.youTurnedOff : said.youSet(after);
  const name = by === null ? t.chat.unknownPerson : nameOf(by);
  return after === null ? said.turnedOff(name) : said.set(name, after);
}

export function devicesChanged(
  { user, added, removed }: Body<'devices'>['changes'][number],
  { self, t, nameOf, amount }: Wording,
): string {
  const sentences: string[] = [];
  if (added > 0 && user === self) sentences.push(t.chat.yourDevicesAdded(amount(added)));
  else if (added > 0) sentences.push(t.chat.devicesAdded(nameOf(user), amount(added)));
  if (removed > 0 && user === self) sentences.push(t.chat.yourDevicesRemoved(amount(removed)));
  else if (removed > 0) sentences.push(t.chat.devicesRemoved(nameOf(user), amount(removed)));
  return sentences.join(' ');
}

/** Names in a row where a sentence begins: "You and ann". */
function namesAtStart([first, ...others]: readonly UserId[], wording: Wording): string {
  const { self, t, nameOf, list } = wording;
  if (first === undefined) return '';
  return list([
    first === self ? t.chat.you : nameOf(first),
    ...others.map((user) => nameWithin(user, wording)),
  ]);
}

/** Names in a row within a sentence: "you and ann". */
function namesWithin(users: readonly UserId[], wording: Wording): string {
  return wording.list(users.map((user) => nameWithin(user, wording)));
}

function nameWithin(user: UserId, { self, t, nameOf }: Wording): string {
  return user === self ? t.chat.youAmongOthers : nameOf(user);
}
