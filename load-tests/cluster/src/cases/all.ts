import type { Case } from '../case.js';
import { autoscale } from './autoscale.js';
import { deletePods, deleteStores } from './delete-pods.js';
import { gatewayApi, ingress } from './edges.js';
import { evictAll } from './evict.js';
import { failedMigration } from './failed-migration.js';
import { helmTest } from './helm-test.js';
import { install } from './install.js';
import { measure } from './measure.js';
import { network } from './network.js';
import { refusedValues } from './refused-values.js';
import { reinstall } from './reinstall.js';
import { restore } from './restore.js';
import { rollback, rollingUpgrade } from './roll.js';
import { scaleGateways } from './scale-gateways.js';

/** In this order: each finds the release that the one before left. */
export const cases: readonly Case[] = [
  install,
  helmTest,
  measure,
  ingress,
  gatewayApi,
  network,
  refusedValues,
  scaleGateways,
  rollingUpgrade,
  deletePods,
  evictAll,
  deleteStores,
  failedMigration,
  rollback,
  autoscale,
  reinstall,
  restore,
];
