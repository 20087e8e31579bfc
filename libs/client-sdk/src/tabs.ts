/** One client for all tabs of a browser: a tab hosts it, all of them view it. Browsers only, hence an entry of its own. */
export { hostClient, type Hosted, type HostParams } from './tabs/host-client.js';
export type { ClientCalls, ClientStatus } from './tabs/hosted-client.js';
export {
  askLockPasskey,
  makeLockPasskey,
  PasskeyDeclinedError,
  type LockPasskey,
} from './tabs/lock-passkey.js';
export { openHosted, type MakeOptions } from './tabs/open-hosted.js';
export { HostFaultError } from './tabs/tab-errors.js';
export {
  forgetAccount,
  knownAccount,
  noteStatus,
  type KnownAccount,
  type ShownStatus,
} from './tabs/known-account.js';
export { tabsName } from './tabs/tab-messages.js';
export { browserChannel, browserLocks, type TabChannel, type TabLocks } from './tabs/tab-ports.js';
export { TabView, ViewEndedError, type Calls, type ViewListeners } from './tabs/tab-view.js';
