/** What of a message store decides how messages travel, for libs/simulation: its statements are there to be compared with the model's. */
export { AppendPath } from './append/append-path.js';
export { appendStatement, type AppendItem, type AppendStatement, type AppendVerdict } from './append/append-statement.js';
export { bounds } from './bounds.js';
export { AcknowledgePath } from './cursors/acknowledge-path.js';
export {
  cursorStatement,
  type Advance,
  type CursorStatement,
  type MovedCursor,
} from './cursors/cursor-statement.js';
export { LivePublisher } from './live/live-publisher.js';
export { RosterCache, type Roster } from './live/roster-cache.js';
