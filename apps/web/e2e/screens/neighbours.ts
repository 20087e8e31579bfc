/** People for the pictures: each with a name, some with a picture, and what they say to each other. */
import type { Browser } from '@playwright/test';
import { Person } from '../person.js';
import { expect } from '../story.js';
import { paint, type portraits } from './portraits.js';
import type { StagedTime } from './staged-time.js';

type Arrival = {
  readonly username: string;
  readonly name?: string;
  readonly picture?: keyof typeof portraits;
};

type Moment = Parameters<StagedTime['during']>[0];
type Line = Moment & { readonly by: Person; readonly text: string };

export class Neighbours {
  private readonly all: Person[] = [];

  constructor(
    private readonly browser: Browser,
    private readonly origin: string,
    private readonly time: StagedTime,
    /** Behind usernames: empty, but where a failed story left people of these names behind. */
    private readonly suffix: string,
  ) {}

  /** Somebody with an account. */
  async arrive({ username, name, picture }: Arrival): Promise<Person> {
    const { browser, origin, time } = this;
    const person = await Person.arrive({
      browser,
      origin,
      name: username,
      username: `${username}${this.suffix}`,
      options: { locale: 'en-GB', timezoneId: time.timezoneId, deviceScaleFactor: 2 },
    });
    this.all.push(person);
    await person.open();
    await person.register();
    if (name !== undefined)
      await person.takeName(name, ...(picture === undefined ? [] : [await paint(browser, picture)]));
    return person;
  }

  /** For what is more than words. What it sends has to be stored before it ends. */
  async during(moment: Moment, work: () => Promise<void>): Promise<void> {
    await this.time.during(moment, work);
  }

  /** The first words of two who write to each other from then on. */
  async meet({ by, to, text, ...moment }: Line & { readonly to: Person }): Promise<void> {
    await this.time.during(moment, async () => {
      await by.writeTo(to);
      await by.send(text);
      await to.acceptRequest();
      await expect(to.message(text)).toHaveCount(1);
    });
  }

  /** In the conversation that is open before who says it. */
  async say({ by, text, ...moment }: Line): Promise<void> {
    await this.time.during(moment, async () => {
      await by.send(text);
      await expect(by.mark(text)).toHaveAccessibleName(/^(Sent|Delivered|Read)$/);
    });
  }

  /** What went wrong behind anybody's back. */
  get faults(): readonly string[] {
    return this.all.flatMap(({ username, watched, network }) => [
      ...watched.faults.map((fault) => `${username}: ${fault}`),
      ...network.foreign.map((origin) => `${username} asked ${origin}`),
    ]);
  }

  /** Their browsers are closed; what they said stays. */
  async leave(...people: readonly Person[]): Promise<void> {
    await Promise.all(people.map((person) => person.leave()));
  }

  async leaveAll(): Promise<void> {
    await Promise.all(this.all.map((person) => person.leave()));
  }
}
