/** People whose server comes back from a backup: what the stories of it have in common. */
import type { ConversationId } from '@cipherchat/protocol';
import { ModelWorld, type ModelPerson } from './model-world.js';

export async function meet(seed: number, ...names: readonly string[]) {
  const world = new ModelWorld({ seed });
  const people: ModelPerson[] = [];
  for (const name of names) people.push(await world.person(name));
  return { world, people };
}

export async function reads(
  world: ModelWorld,
  readers: readonly ModelPerson[],
  conversation: ConversationId,
  text: string,
): Promise<void> {
  for (const reader of readers)
    await world.clock.runUntil(async () => (await textsOf(reader, conversation)).includes(text), 300_000);
}

async function textsOf(person: ModelPerson, conversation: ConversationId): Promise<readonly string[]> {
  if (!person.client.conversations().some(({ id }) => id === conversation)) return [];
  return person.texts(conversation);
}

/** The server is what it was, and everybody connects to it anew. */
export async function restore(
  world: ModelWorld,
  backup: ReturnType<ModelWorld['network']['server']['backup']>,
) {
  world.network.server.restore(backup);
  world.network.closeAll(1012);
  await world.clock.run(60_000);
}
