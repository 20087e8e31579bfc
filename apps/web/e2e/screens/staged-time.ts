/**
 * A history of days, made within minutes: the time that a message shows is the one at which the store kept it, and the
 * store asks its database. For what is sent `during` another time, that one answers with it; for all else, with its own.
 *
 * What judges keys by time is left alone: commits are stored at the time that it is.
 */
import { withClient } from '@cipherchat/test-kit';

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
/** What it is in the zone of the pictures when their people come about. */
const beginsAt = minutesOf('17:40');

/** Functions that find this one first ask a table of one row. */
const stage = `
  create schema staged;
  create table staged.clock (at timestamptz);
  insert into staged.clock values (null);
  create function staged.clock_timestamp() returns timestamptz language sql volatile
    as 'select coalesce((select at from staged.clock), pg_catalog.clock_timestamp())';
  grant usage on schema staged to public;
  grant select on staged.clock to public;
  alter function messages.append_envelopes set search_path = staged, pg_catalog, messages;
  alter function messages.append_known set search_path = staged, pg_catalog, messages;
`;

type Moment = { readonly daysAgo: number; readonly at: `${number}:${number}` };

export class StagedTime {
  private constructor(
    private readonly database: string,
    /** East of Greenwich. */
    private readonly zoneMinutes: number,
  ) {}

  /** @param database address of the administrator */
  static async over(database: string, nowMs: number): Promise<StagedTime> {
    await withClient(database, async (client) => {
      const { rowCount } = await client.query(`select from pg_namespace where nspname = 'staged'`);
      await client.query(rowCount === 0 ? stage : 'update staged.clock set at = null');
    });
    const minutesNow = Math.floor((nowMs % dayMs) / minuteMs);
    const ahead = beginsAt - minutesNow;
    // The way round that is shorter: zones reach half a day to either side.
    return new StagedTime(database, ahead > 720 ? ahead - 1440 : ahead < -720 ? ahead + 1440 : ahead);
  }

  /** For browsers: one in which it is the same time in every run. */
  get timezoneId(): string {
    const minutes = Math.abs(this.zoneMinutes);
    const two = (part: number): string => `${part}`.padStart(2, '0');
    return `GMT${this.zoneMinutes < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
  }

  async during({ daysAgo, at }: Moment, work: () => Promise<void>): Promise<void> {
    const zoneMs = this.zoneMinutes * minuteMs;
    const midnightMs = Math.floor((Date.now() + zoneMs) / dayMs) * dayMs - zoneMs;
    await this.set(new Date(midnightMs - daysAgo * dayMs + minutesOf(at) * minuteMs));
    await work();
    await this.set(null);
  }

  private async set(at: Date | null): Promise<void> {
    await withClient(this.database, (client) => client.query('update staged.clock set at = $1', [at]));
  }
}

function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * 60 + minutes;
}
