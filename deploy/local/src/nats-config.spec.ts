/** Who may use which subject stands in a file that no compiler reads; here it is held to the subjects that there are. */
import { describe, expect, it } from '@jest/globals';
import { subjects, type DeviceId, type UserId } from '@cipherchat/protocol';
import { natsPermissions, natsUsers } from './nats-config.js';

const known: readonly string[] = Object.values(subjects).map((subject) =>
  typeof subject === 'string' ? subject : (subject as (id: string) => string)('*'),
);
const services = natsUsers.filter((user) => user !== 'observer');
const saidBy = (subject: string) =>
  services.filter((user) => natsPermissions[user].publish.includes(subject));
const heardBy = (subject: string) =>
  services.filter((user) => natsPermissions[user].subscribe.includes(subject));

describe('the permissions at NATS', () => {
  it('name only subjects that there are, each once', () => {
    for (const user of services) {
      const { publish, subscribe } = natsPermissions[user];
      expect([...known, '_INBOX.>']).toEqual(expect.arrayContaining([...publish, ...subscribe]));
      expect(new Set(publish).size).toBe(publish.length);
      expect(new Set(subscribe).size).toBe(subscribe.length);
    }
  });

  it.each(known)('let somebody say %s and somebody hear it', (subject) => {
    expect(saidBy(subject)).not.toEqual([]);
    expect(heardBy(subject)).not.toEqual([]);
  });

  it.each(known.filter((subject) => subject.startsWith('command.')))(
    'let one service serve %s',
    (subject) => {
      expect(heardBy(subject)).toHaveLength(1);
    },
  );

  it('let nobody but the gateways hear what is for people, and nobody but auth revoke', () => {
    expect(heardBy(subjects.live('*' as UserId))).toEqual(['gateway']);
    expect(heardBy(subjects.deviceConnected('*' as DeviceId))).toEqual(['gateway']);
    expect(saidBy(subjects.revoked)).toEqual(['auth']);
  });

  it('let every service hear answers', () => {
    expect(heardBy('_INBOX.>')).toEqual(services);
  });
});
