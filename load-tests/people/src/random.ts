import { randomBytes } from 'node:crypto';

export const random = (length: number): Uint8Array => Uint8Array.from(randomBytes(length));
