import { limits } from '@cipherchat/protocol';
import {
  accessVariables,
  natsVariables,
  postgresVariables,
  redisVariables,
  schemas,
  variable,
  type BaseConfig,
  type ConfigOf,
} from '@cipherchat/service-kit';

const { integer, withDefault } = schemas;
const dayMs = 24 * 60 * 60 * 1000;
const maxRetentionDays = 3_650;

export const messageStoreVariables = {
  ...postgresVariables,
  ...natsVariables,
  ...redisVariables,
  ...accessVariables,
  /**
   * Ciphertext that a device has not fetched for so long is given up. What all devices have is cleared at once,
   * whatever this says; ids and places are kept at least as long as clients send again (`limits.envelopeIdsKeptMs`).
   */
  retentionDays: variable(
    'RETENTION_DAYS',
    withDefault(integer({ min: 1, max: maxRetentionDays }), limits.envelopeIdsKeptMs / dayMs),
  ),
  /** From the end of one sweep through all conversations to the begin of the next. */
  retentionSweepMs: variable(
    'RETENTION_SWEEP_MS',
    withDefault(integer({ min: 100, max: dayMs }), 10 * 60 * 1000),
  ),
} as const;

export type MessageStoreConfig = BaseConfig & ConfigOf<typeof messageStoreVariables>;
