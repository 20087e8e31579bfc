import { randomBytes, randomInt } from 'node:crypto';
import { textSecret, type Place, type Secret } from '../detector/secret.js';

/** A text that exists nowhere else: letters, digits, and characters of several lengths in UTF-8 and UTF-16. */
export function canary(): string {
  const pick = (from: number, count: number): string => String.fromCodePoint(from + randomInt(count));
  const others = [
    pick(0x05d0, 27),
    pick(0x0430, 32),
    pick(0x1f600, 60),
    pick(0x4e00, 2_000),
    pick(0x1f400, 60),
  ];
  return `${randomBytes(12).toString('base64url')}${others.join('')}${randomBytes(12).toString('base64url')}`;
}

/** Canaries by the name of what they were used for. */
export class Canaries {
  private readonly made: Secret[] = [];

  /** A new text to say; it may stand nowhere, unless places are named that it has to pass. */
  text(name: string, allowedAt: readonly Place[] = []): string {
    const text = canary();
    this.made.push(textSecret({ name, text, allowedAt }));
    return text;
  }

  /** A secret that was made elsewhere. */
  know(secret: Secret): void {
    this.made.push(secret);
  }

  get secrets(): readonly Secret[] {
    return this.made;
  }
}
