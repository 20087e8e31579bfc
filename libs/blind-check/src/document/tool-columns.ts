import type { CommentedColumn } from './compare.js';

/** Made by Prisma itself, without comments; holds names and times of migrations. */
const migrationHistory = /^\w+\._prisma_migrations\.\w+$/;
const migrationReason = "Prisma's record of which migrations were applied; nothing of a user.";

/** Columns that no migration of ours makes get their reason here; all others have it in the database. */
export function withToolReasons(columns: readonly CommentedColumn[]): readonly CommentedColumn[] {
  return columns.map((column) =>
    column.comment === null && migrationHistory.test(column.name)
      ? { ...column, comment: migrationReason }
      : column,
  );
}
