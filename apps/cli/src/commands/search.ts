import type {
  CipherChat,
  ConversationId,
  SearchCursor,
  SearchHit,
  SearchPage,
  TextRange,
} from '@cipherchat/client-sdk';
import type { Context } from '../context.js';
import { CliFailure } from '../exit-codes.js';
import { withClient } from '../open-client.js';
import { findGroup, findPerson, isGroupName, People, titleOf } from '../people.js';
import { messageJson, peopleIn, timeOf } from '../terminal/message-text.js';
import type { Output } from '../terminal/output.js';
import { safeLine } from '../terminal/safe-text.js';

const maxFound = 500;
/** Of one message: about two lines. */
const maxExcerpt = 160;
const maxBefore = 50;

export type SearchOptions = { readonly in?: string; readonly limit: string };

/** Prints messages of this device's own store that have these words, newest first. Asks no server, but for names that are not known yet. */
export async function search(
  context: Context,
  words: readonly string[],
  options: SearchOptions,
): Promise<void> {
  const limit = Number(options.limit);
  if (!Number.isInteger(limit) || limit < 1 || limit > maxFound)
    throw new CliFailure('usage', `--limit is a number from 1 to ${maxFound}`);
  await withClient(context, async (client) => {
    const people = new People(client);
    const conversation = options.in === undefined ? null : await knownConversation(client, options.in);
    const { hits, hasMore } = await find(client, { text: words.join(' '), conversation, limit });
    await people.learn(hits.flatMap(({ message }) => peopleIn(message)));
    if (hits.length === 0) context.output.note('Nothing found.');
    for (const hit of hits) await print(context.output, hit, people);
    if (hasMore) context.output.note('There is more: see it with a greater --limit.');
  });
}

/** Unlike for writing, none is made. */
async function knownConversation(client: CipherChat, target: string): Promise<ConversationId> {
  if (isGroupName(target)) return findGroup(client, target).id;
  const user = await findPerson(client, target);
  const found = client.conversations().find(({ peer }) => peer === user);
  if (found === undefined)
    throw new CliFailure('refused', `you have no conversation with "${safeLine(target)}"`);
  return found.id;
}

async function find(
  client: CipherChat,
  wanted: {
    readonly text: string;
    readonly conversation: ConversationId | null;
    readonly limit: number;
  },
): Promise<{ readonly hits: readonly SearchHit[]; readonly hasMore: boolean }> {
  const { text, conversation, limit } = wanted;
  const where = conversation === null ? {} : { conversation };
  const hits: SearchHit[] = [];
  let before: SearchCursor | null = [];
  // One more than is wanted, to know whether there is more.
  while (before !== null && hits.length <= limit) {
    const page: SearchPage = await client.search({ text, before, limit: limit + 1 - hits.length, ...where });
    hits.push(...page.hits);
    before = page.next;
  }
  return { hits: hits.slice(0, limit), hasMore: hits.length > limit };
}

async function print(output: Output, hit: SearchHit, people: People): Promise<void> {
  const { message, conversation, ranges } = hit;
  const title = await titleOf(conversation, people);
  const nameOf = (user: Parameters<People['nameOf']>[0]): string => people.nameOf(user);
  const who = message.own || message.sender === null ? 'you' : safeLine(people.nameOf(message.sender.user));
  const said = message.body.kind === 'text' ? excerptOf(message.body.text, { ranges, output }) : '';
  const when = `${new Date(message.atMs).toLocaleDateString('sv')} ${timeOf(message.atMs)}`;
  output.result({
    json: { kind: 'found', title, ...messageJson(message, nameOf), ranges },
    text: `${output.styled('dim', when)}  ${title}  ${who}: ${said}`,
  });
}

/** On one line, with what matches in bold. */
function excerptOf(
  text: string,
  { ranges, output }: { readonly ranges: readonly TextRange[]; readonly output: Output },
): string {
  const first = ranges[0]?.start ?? 0;
  const start = first > maxBefore ? first - maxBefore : 0;
  const end = start + maxExcerpt;
  const parts: string[] = [];
  let at = start;
  for (const range of ranges) {
    if (range.end > end) break;
    parts.push(safeLine(text.slice(at, range.start)));
    parts.push(output.styled('bold', safeLine(text.slice(range.start, range.end))));
    at = range.end;
  }
  parts.push(safeLine(text.slice(at, end)));
  return `${start > 0 ? '…' : ''}${parts.join('')}${end < text.length ? '…' : ''}`;
}
