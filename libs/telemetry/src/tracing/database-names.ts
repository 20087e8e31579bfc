/** What services ask of Postgres and Redis, by the names that a span may carry. Specs hold them to the sources. */

/** Of all `prisma/schema.prisma`. */
export const prismaModels = [
  'Account',
  'Block',
  'Commit',
  'Conversation',
  'Cursor',
  'Device',
  'DirectoryState',
  'Envelope',
  'EpochStatement',
  'GroupInfo',
  'Invite',
  'KeyPackage',
  'Manifest',
  'Member',
  'ReadMark',
  'RecoveryRecord',
  'RestoredHead',
  'RetentionProgress',
  'RetentionRound',
  'Revocation',
  'RevokedDevice',
  'Session',
  'StoreState',
  'Username',
] as const;

export const prismaOperations = [
  'aggregate',
  'count',
  'create',
  'createMany',
  'createManyAndReturn',
  'delete',
  'deleteMany',
  'findFirst',
  'findFirstOrThrow',
  'findMany',
  'findUnique',
  'findUniqueOrThrow',
  'groupBy',
  'update',
  'updateMany',
  'updateManyAndReturn',
  'upsert',
  'raw',
] as const;

/** The `name` of prepared statements that are put to a pool. */
export const statements = [
  'advance_cursors',
  'append_envelopes',
  'append_known',
  'entries',
  'generation',
  'resume',
  'rosters',
  'signal',
  'stays',
] as const;

export const redisCommands = ['eval', 'evalsha', 'get', 'getdel', 'set', 'other'] as const;
