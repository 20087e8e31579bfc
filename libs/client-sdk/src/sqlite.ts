/** The SQLite store: Node only, hence an entry of its own. */
export { openSqliteStore } from './store/sqlite-store.js';
