/** Looks at what devices acknowledge, between the stores and the database. */
import type { Database } from './model-database.js';
import type { Run } from './run.js';

/** Whatever a device acknowledges stands on its disk. */
export function watchAcknowledgements(database: Database, run: Run): Database {
  return {
    append: (params) => database.append(params),
    foretell: (params) => database.foretell(params),
    pending: (caller) => database.pending(caller),
    signal: (...params) => database.signal(...params),
    heads: () => database.heads(),
    http: (...params) => database.http(...params),
    advance: (params) => {
      for (const { device, conversation, seq } of params.advances) {
        const person = run.people.find(
          ({ disk, self }) => disk.tables.has('profile') && self.device === device,
        );
        if (person !== undefined && (person.cursors.get(conversation) ?? 0) < seq)
          run.breaks(`${person.username} acknowledged what was not on the disk`);
      }
      return database.advance(params);
    },
  };
}
