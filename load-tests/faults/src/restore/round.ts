/**
 * One round: people talk, a backup is taken, they talk on and the groups change, the database is lost and restored,
 * they come back, those who were away last.
 */
import type { RoomAccount } from './account.js';
import { wait, type DrillWorld, type Room } from './drill-world.js';
import type { Person } from './person.js';
import type { RestorableSystem } from './restorable-system.js';

export type Cast = {
  /** Never away. */
  readonly ana: Person;
  readonly ben: Person;
  /** In turn, one is away from the backup on and has read nothing of what the server loses. */
  readonly readers: readonly [Person, Person];
  /** In turn, one writes after the backup, and is back only when all others have gone on. */
  readonly writers: readonly [Person, Person];
  /** Comes into the team after the backup in odd rounds, and is removed from it in even ones. */
  readonly guest: Person;
  readonly team: Room;
};

export type RoundResult = {
  readonly round: number;
  readonly change: string;
  /** What the server no longer had after the restore. */
  readonly lostEntries: number;
  readonly lostConversations: number;
  /** From the services being ready until all who are there read each other everywhere. */
  readonly recoveredMs: number;
  readonly accounts: readonly RoomAccount[];
  readonly wrongs: readonly string[];
};

export type RoundParams = {
  readonly round: number;
  readonly system: RestorableSystem;
  readonly world: DrillWorld;
  readonly cast: Cast;
};

const talkMs = 3_000;
const downMs = 500;
/** A few seconds on a free machine. */
const settledWithinMs = 240_000;

export async function runRound(params: RoundParams): Promise<RoundResult> {
  const { round, system, world, cast } = params;
  const isOdd = round % 2 === 1;
  const [reader, writer] = isOdd ? [cast.readers[0], cast.writers[0]] : [cast.readers[1], cast.writers[1]];
  const complaintsBefore = world.complaints.length;
  world.talk();
  await wait(talkMs);
  await system.backUp(String(round));
  await reader.close();
  const change = isOdd ? await letIn(params) : await putOut(params);
  const members = [cast.ana, cast.ben, isOdd ? cast.writers[1] : cast.writers[0]];
  await world.room(`begun after backup ${round}`, members);
  await wait(talkMs);
  await writer.close();
  const before = await system.extent();
  await system.restore(String(round));
  const readyAtMs = performance.now();
  const after = await system.extent();
  await wait(downMs);
  await world.probe();
  const recoveredMs = performance.now() - readyAtMs;
  await reader.open();
  await writer.open();
  await world.probe();
  await world.hush();
  const accounts = await world.account(settledWithinMs);
  const [lostEntries, lostConversations] = [
    before.entries - after.entries,
    before.conversations - after.conversations,
  ];
  const wrongs = [...world.complaints.slice(complaintsBefore), ...wrongMembers(params)];
  if (lostEntries < 1 || lostConversations < 1) wrongs.push('the server had lost nothing: it shows nothing');
  if (after.generation <= before.generation) wrongs.push('the generation is not a new one');
  return { round, change, lostEntries, lostConversations, recoveredMs, accounts, wrongs };
}

async function letIn({ world, cast }: RoundParams): Promise<string> {
  const { ana, guest, team } = cast;
  await ana.sdk.conversation(team.id).add([guest.user]);
  await world.until('the guest is in', () => guest.isIn(team.id));
  return 'one added';
}

async function putOut({ world, cast }: RoundParams): Promise<string> {
  const { ben, guest, team } = cast;
  await ben.sdk.conversation(team.id).remove([guest.user]);
  await world.until('the guest is out', () => !guest.isIn(team.id));
  return 'one removed';
}

/** The backup knew it the other way round. */
function wrongMembers({ round, cast }: RoundParams): readonly string[] {
  const { guest, team } = cast;
  const isWanted = round % 2 === 1;
  return guest.isIn(team.id) === isWanted
    ? []
    : [`the guest is ${isWanted ? 'out of' : 'in'} the team again`];
}
