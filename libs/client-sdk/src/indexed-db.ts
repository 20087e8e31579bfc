/** The IndexedDB store: browsers only, hence an entry of its own. */
export { StorageUnavailableError } from './store/indexed-db-requests.js';
export { deleteIndexedDbStore, openIndexedDbStore } from './store/indexed-db-store.js';
export { StoreLockedError, type LockHint, type StoreLock } from './store/store.js';
