/** The IndexedDB store: browsers only, hence an entry of its own. */
export {
  deleteIndexedDbStore,
  openIndexedDbStore,
  StorageUnavailableError,
} from './store/indexed-db-store.js';
