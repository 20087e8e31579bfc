/** Light clients, and who counts what they lose: for other tests that break a system under load. */
export { ClientProcess } from './clients/client-process.js';
export type { LightAccount, Told } from './clients/orders.js';
