/** What of a message store decides how messages travel, for libs/simulation: everything but its statements. */
export { AppendPath } from './append/append-path.js';
export type { AppendStatement, AppendVerdict } from './append/append-statement.js';
export { bounds } from './bounds.js';
export { AcknowledgePath } from './cursors/acknowledge-path.js';
export type { Advance, CursorStatement, MovedCursor } from './cursors/cursor-statement.js';
export { LivePublisher } from './live/live-publisher.js';
export { RosterCache, type Roster } from './live/roster-cache.js';
