/**
 * A service does not start on tables that are older than it was built for: it would fail in the middle of somebody's
 * request. Newer ones are fine, since migrations only add what the version before them can do without.
 */
import type { OnModuleInit } from '@nestjs/common';
import type pg from 'pg';
import { isDependencyFailure } from './dependency-failure.js';
import type { EventLog } from './event-log.js';
import type { DependencyState, Readiness } from './readiness.js';

/** The Postgres schema of a service, and the migrations that its code stands on. */
export type ServiceSchema = {
  readonly schema: string;
  /** Names, as in the folder `prisma/migrations`: a build writes them to `generated/migrations.ts`. */
  readonly migrations: readonly string[];
};

/** The start stops with this. The names are ours, and safe to print. */
export class SchemaBehindError extends Error {
  override readonly name = 'SchemaBehindError';
  constructor(
    readonly schema: string,
    readonly missing: readonly string[],
  ) {
    super(`The Postgres schema "${schema}" lacks migrations that this version needs: ${missing.join(', ')}`);
  }
}

type Found =
  | { readonly kind: 'current' }
  | { readonly kind: 'behind'; readonly missing: readonly string[] }
  | { readonly kind: 'unreachable' };

const askAgainMs = 500;
const undefinedTable = '42P01';
/** Longer words do not pass into a log. A name begins with the time by which it is known. */
const loggedNameLength = 32;

/** Asks at the start, and waits a little for migrations that are under way. While Postgres cannot be reached then, the service is not ready, and asks again. */
export class SchemaCheck implements OnModuleInit {
  private found: Found = { kind: 'unreachable' };

  constructor(
    private readonly pool: pg.Pool,
    private readonly expected: ServiceSchema & { readonly waitMs: number },
    private readonly log: EventLog,
    readiness: Readiness,
  ) {
    readiness.add({ name: 'schema', check: () => this.state() });
  }

  /** @throws SchemaBehindError */
  async onModuleInit(): Promise<void> {
    const { schema, waitMs } = this.expected;
    this.found = await this.look();
    for (let waited = 0; this.found.kind === 'behind' && waited < waitMs; waited += askAgainMs) {
      await new Promise((resolve) => setTimeout(resolve, askAgainMs));
      this.found = await this.look();
    }
    if (this.found.kind === 'behind') throw new SchemaBehindError(schema, this.found.missing);
  }

  private async state(): Promise<DependencyState> {
    if (this.found.kind !== 'current') this.found = await this.look();
    if (this.found.kind === 'behind')
      this.log.event('postgres.schema-behind', { migrations: loggedNames(this.found.missing) });
    return this.found.kind === 'current' ? 'up' : 'down';
  }

  private async look(): Promise<Found> {
    const { schema, migrations } = this.expected;
    try {
      // `schema` is one of our own words (see forSchema); parameters cannot name a table.
      const { rows } = await this.pool.query<{ readonly name: string }>(
        `select migration_name as name from ${schema}._prisma_migrations where finished_at is not null and rolled_back_at is null`,
      );
      const applied = new Set(rows.map(({ name }) => name));
      const missing = migrations.filter((name) => !applied.has(name));
      return missing.length === 0 ? { kind: 'current' } : { kind: 'behind', missing };
    } catch (error) {
      if ((error as { readonly code?: unknown }).code === undefinedTable)
        return { kind: 'behind', missing: migrations };
      if (isDependencyFailure(error)) return { kind: 'unreachable' };
      throw error;
    }
  }
}

export function loggedNames(migrations: readonly string[]): readonly string[] {
  return migrations.map((name) => name.slice(0, loggedNameLength));
}
