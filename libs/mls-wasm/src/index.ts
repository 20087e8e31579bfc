export { loadMls, type Mls, type MlsSource } from './load-mls.js';
export type {
  Device,
  ExternalJoin,
  Group,
  OpenedWelcome,
  WasmChanges,
  WasmFailure,
  WasmKeyPackage,
  WasmKeyPackageInfo,
  WasmMessage,
  WasmPending,
  WasmRecords,
  WasmSummary,
  WasmWelcomeInfo,
} from '../pkg/mls.js';
