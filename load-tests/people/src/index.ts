/** Accounts and conversations for load: what auth and the store check is real, what only clients read is random. */
export { directoryOf, type Directory } from './directory.js';
export { patientFetch, makeSome, type Fetch } from './patient-fetch.js';
export { registerPeople, type Person, type Tokens } from './person.js';
export { random } from './random.js';
export { createRoom, type Room } from './room.js';
