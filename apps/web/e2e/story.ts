/** A test that is a story: people with browsers of their own, and nothing that went wrong behind their backs. */
import { expect, test } from '@playwright/test';
import { Person } from './person.js';

type Stories = {
  /** People with an account and the app open, one browser context each. */
  readonly people: <const Names extends readonly string[]>(...names: Names) => Promise<PeopleOf<Names>>;
  /** Somebody who has just opened the app for the first time. */
  readonly newcomer: (name: string) => Promise<Person>;
};

type PeopleOf<Names extends readonly string[]> = { readonly [Index in keyof Names]: Person };

export const story = test.extend<Stories & { readonly everyone: Person[] }>({
  everyone: async ({ browserName: _ }, use) => {
    const everyone: Person[] = [];
    await use(everyone);
    const faults = everyone.flatMap(({ username, watched, network }) => [
      ...watched.faults.map((fault) => `${username}: ${fault}`),
      ...network.foreign.map((origin) => `${username} asked ${origin}`),
    ]);
    await Promise.all(everyone.map((person) => person.leave()));
    expect(faults, 'what went wrong unseen').toEqual([]);
  },
  newcomer: async ({ browser, baseURL: origin = '', everyone }, use) => {
    await use(async (name) => {
      const person = await Person.arrive({ browser, origin, name });
      everyone.push(person);
      await person.open();
      return person;
    });
  },
  people: async ({ newcomer }, use) => {
    const arrive = async (name: string): Promise<Person> => {
      const person = await newcomer(name);
      await person.register();
      return person;
    };
    await use(async (...names) => (await Promise.all(names.map(arrive))) as PeopleOf<typeof names>);
  },
});

/** What was measured: printed beside the name of the story when all have ended. */
export function figure(description: string): void {
  test.info().annotations.push({ type: 'figure', description });
}

export { expect };
