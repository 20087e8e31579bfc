/**
 * Random runs over the model of the services: lossy network, clients that crash at any point of any step,
 * members that come and go. Real: all of the client. Faked: the engine, the services, time. A failing seed repeats.
 */
import { describe, expect, it } from '@jest/globals';
import type { ConversationId } from '@cipherchat/protocol';
import { seedsPerTest } from './config.js';
import { Simulation } from './testing/simulation.js';

/** Enough to meet every point of every step that these runs take; more with CIPHERCHAT_SEEDS. */
const seeds = seedsPerTest();

describe('whatever is lost, repeated, delayed or crashes', () => {
  it(`every message is shown once to every member, in one order, in each of ${seeds} runs`, async () => {
    const crashes = new Map<string, number>();
    let sent = 0;
    for (let seed = 1; seed <= seeds; seed++) {
      const simulation = new Simulation({ seed });
      await simulation.run();
      for (const [point, count] of simulation.crashes) crashes.set(point, (crashes.get(point) ?? 0) + count);
      for (const conversation of simulation.conversations) {
        const verdict = await verdictOf(simulation, conversation);
        expect({ seed, conversation, ...verdict }).toEqual({
          seed,
          conversation,
          missing: [],
          repeated: [],
          orders: 'one',
          outOfOrder: [],
          marks: [],
          faults: [],
          violations: [],
          waiting: 0,
        });
      }
      sent += simulation.written.length;
    }
    expect(sent).toBeGreaterThan(seeds * 10);
    // A run that crashes nowhere would prove nothing.
    expect(crashes.size).toBeGreaterThan(20);
  }, 600_000);
});

async function verdictOf(simulation: Simulation, conversation: ConversationId) {
  const members = simulation.constantMembersOf(conversation);
  const shown = await Promise.all(members.map((person) => person.texts(conversation)));
  const written = simulation.written
    .filter((message) => message.conversation() === conversation)
    .map(({ text }) => text);
  const [first = []] = shown;
  return {
    missing: shown.flatMap((texts) => written.filter((text) => !texts.includes(text))),
    repeated: shown.flatMap((texts) => texts.filter((text, index) => texts.indexOf(text) !== index)),
    orders: shown.every((texts) => JSON.stringify(texts) === JSON.stringify(first)) ? 'one' : 'several',
    outOfOrder: simulation.outOfOrder(first),
    marks: (await Promise.all(members.map((person) => person.marks(conversation)))).flat(),
    faults: simulation.people.flatMap(({ faults }) => faults),
    violations: simulation.world.universe.violations,
    waiting: await simulation.waiting(conversation),
  };
}
