/** What every story over the model of the services needs: people, waiting, and what must hold after each. */
import type { CipherSuite, MlsEngine } from '@cipherchat/crypto';
import { afterEach, beforeAll, expect } from '@jest/globals';
import type { ConversationId } from '@cipherchat/protocol';
import { ModelWorld, type ModelPerson } from './model-world.js';

/** The story's own: replaced by `begin`. */
export let world = new ModelWorld({ seed: 1 });
let engine: MlsEngine | undefined;
let suite: CipherSuite | undefined;
let people: ModelPerson[] = [];

export async function begin(params: {
  readonly seed: number;
  readonly names: readonly string[];
}): Promise<readonly ModelPerson[]> {
  world = new ModelWorld({ seed: params.seed, engine, suite });
  people = [];
  for (const name of params.names) people.push(await world.person(name));
  return people;
}

/** Waits until each person reads exactly these texts. */
export async function allRead(
  readers: readonly ModelPerson[],
  conversation: ConversationId,
  texts: readonly string[],
): Promise<void> {
  await world.clock
    .runUntil(async () => {
      for (const person of readers) {
        if (!person.client.conversations().some(({ id }) => id === conversation)) return false;
        if ((await person.texts(conversation)).length < texts.length) return false;
      }
      return true;
    })
    .catch(() => undefined);
  for (const person of readers)
    expect([person.username, await person.texts(conversation)]).toEqual([person.username, texts]);
}

export async function isActive(person: ModelPerson, conversation: ConversationId): Promise<void> {
  await world.clock.runUntil(() =>
    person.client.conversations().some(({ id, phase }) => id === conversation && phase === 'active'),
  );
}

/** Called once in each describe block. Without `makeEngine` each person has a fake engine. */
export function tellStories(params: {
  readonly makeEngine?: () => Promise<MlsEngine>;
  readonly suite?: CipherSuite;
}): void {
  beforeAll(async () => {
    engine = await params.makeEngine?.();
    suite = params.suite;
  });

  afterEach(async () => {
    // Nothing of what follows may be lost later on.
    await world.clock.run(150_000);
    for (const person of people) {
      expect([person.username, person.faults]).toEqual([person.username, []]);
      const ids = person.told.map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
    }
    expect(world.universe.violations).toEqual([]);
  });
}
