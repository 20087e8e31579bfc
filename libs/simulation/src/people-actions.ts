/** What people do about each other: whom they accept, what they say of themselves, how long what they write stays. */
import type { CipherChat } from '@cipherchat/client-sdk';
import type { Action, Actions, Someone } from './actions.js';
import type { Person } from './person.js';
import type { Run } from './run.js';

/** Longer than any run: nothing that must be shown goes. That it goes in time is for the SDK's own model of expiry. */
const timerS = 28 * 24 * 60 * 60;
/** What is written is there by then, where nothing fails. */
const arrivalMs = 500;

export class PeopleActions {
  constructor(
    private readonly run: Run,
    private readonly actions: Pick<Actions, 'someone' | 'registered' | 'clientOf' | 'ask'>,
  ) {}

  readonly lookUpNames: Action = () => {
    const users = this.actions.registered.map(({ self }) => self.user);
    this.bySomeone(({ client }) => client.usernames(users));
  };

  readonly meet: Action = () => {
    const { actions } = this;
    const [guest, host] = [actions.someone(), actions.someone()];
    if (guest === null || host === null || guest.person === host.person) return;
    actions.ask(host, async (client) => {
      const invite = await this.handOutInvite(client);
      actions.ask(guest, (other) => other.contacts.openInvite(invite));
    });
    for (const [one, other] of [
      [guest, host],
      [host, guest],
    ] as const) {
      actions.ask(one, (client) => client.contacts.unblock(other.person.self.user));
      actions.ask(one, async (client) => client.recovery.confirm(await client.recovery.newKey()));
    }
  };

  readonly accept: Action = () => this.bySomeone((someone) => this.acceptOne(someone));

  /**
   * Only by one who is not a member all the time: what they forget need not be shown to them. Nobody is blocked by it: what
   * is then written to them fails, and should.
   */
  readonly declineRequest: Action = () => {
    const { run, actions } = this;
    const cleo = actions.clientOf(run.person('cleo'));
    const request = cleo?.client.conversations().find(({ standing }) => standing === 'request');
    if (cleo === null || request === undefined) return;
    run.passing.add('cleo');
    actions.ask(cleo, (client) => client.decline({ conversation: request.id, block: 'no-block' }));
  };

  /** Only by one who is not a member all the time: messages of the others must not fail. */
  readonly answerFailed: Action = () => {
    const { run, actions } = this;
    const cleo = actions.clientOf(run.person('cleo'));
    if (cleo === null || !run.passing.has('cleo')) return;
    actions.ask(cleo, async (client) => {
      for (const { id } of client.conversations())
        for (const message of await client.conversation(id).messages())
          if (message.delivery?.kind === 'failed') {
            const answer = run.chance.pick(['retry', 'discard'] as const);
            if (answer === 'retry') run.retriers.add('cleo');
            await client.conversation(id)[answer](message.id);
          }
    });
  };

  readonly setTimer: Action = () =>
    this.bySomeone(async ({ client }) => {
      const writable = client.conversations().filter(({ phase }) => phase === 'active');
      if (writable.length === 0) return;
      const { id } = this.run.chance.pick(writable);
      await client.conversation(id).setTimer(this.run.chance.pick([timerS, timerS, null]));
    });

  /** What is read then begins to count. */
  readonly readTimed: Action = async () => {
    const { run, actions } = this;
    const { group } = run.origin;
    const [writer, reader] = ['ana', 'ben'].map((name) => actions.clientOf(run.person(name)));
    if (writer == null || reader == null) return;
    actions.ask(writer, (client) => client.conversation(group).setTimer(timerS));
    run.write(writer.person, writer.client, group);
    await run.clock.run(arrivalMs);
    actions.ask(reader, (client) => client.conversation(group).markRead());
  };

  readonly setProfile: Action = () => {
    const name = `name ${this.run.chance.below(1_000)}`;
    this.bySomeone(({ client }) => client.contacts.setProfile({ name, picture: null }));
  };

  readonly verify: Action = () => {
    const { run, actions } = this;
    const { user } = run.chance.pick(actions.registered).self;
    this.bySomeone(async ({ client, person }) => {
      if (person.self.user === user) return;
      if (run.chance.happens(0.3)) return client.contacts.unmarkVerified(user);
      const { digits } = await client.safetyNumber(user);
      return client.contacts.markVerified({ user, digits });
    });
  };

  readonly setFailureReports: Action = () => {
    const failureReports = this.run.chance.pick(['sent', 'kept'] as const);
    this.bySomeone(({ client }) => client.setFailureReports(failureReports));
  };

  readonly setPresence: Action = () => {
    const presence = this.run.chance.pick(['shared', 'kept'] as const);
    this.bySomeone(({ client }) => client.setPresence(presence));
  };

  /** Two who know each other; what they then tell each other comes with their next connection. */
  readonly sharePresence: Action = () => {
    const [one, other] = ['ana', 'ben'].map((name) => this.actions.clientOf(this.run.person(name)));
    if (one == null || other == null) return;
    this.shareWith(one, other.person);
    this.shareWith(other, one.person);
  };

  /** With a token or without, after those of before were taken back or not. */
  private async handOutInvite({ contacts }: CipherChat): Promise<string> {
    const { chance } = this.run;
    const [isReset, hasToken] = [chance.happens(0.3), chance.happens(0.7)];
    if (isReset) await contacts.resetInviteTokens();
    return hasToken ? (await contacts.inviteLinkWithToken()).link : contacts.inviteLink();
  }

  private shareWith(someone: Someone, { self: { user } }: Person): void {
    this.actions.ask(someone, async (client) => {
      await client.direct(user);
      await client.setPresence('shared');
      client.noteActivity();
    });
  }

  private async acceptOne({ client }: Someone): Promise<void> {
    const requests = client.conversations().filter(({ standing }) => standing === 'request');
    if (requests.length > 0) await client.accept(this.run.chance.pick(requests).id);
  }

  private bySomeone(call: (someone: Someone) => Promise<unknown>): void {
    const someone = this.actions.someone();
    if (someone !== null) this.actions.ask(someone, () => call(someone));
  }
}
