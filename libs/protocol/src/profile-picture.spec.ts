import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { maxPictureBytes, pictureType } from './profile-picture.js';

const starts = {
  'image/png': '89504e470d0a1a0a0000000d',
  'image/jpeg': 'ffd8ffe000104a464946',
  'image/webp': '52494646240000005745425056503820',
  'image/avif': '0000001c667479706176696600000000',
} as const;

describe('the type of a picture', () => {
  it.each(Object.entries(starts))('is %s by its first bytes', (type, hex) => {
    expect(pictureType(Buffer.from(hex, 'hex'))).toBe(type);
  });

  it.each([
    '',
    '<svg xmlns="http://www.w3.org/2000/svg">',
    'GIF89a',
    '%PDF-1.7',
    '<!DOCTYPE html>',
    'RIFF    WAVE',
  ])('is none for %j', (text) => {
    expect(pictureType(Buffer.from(text))).toBeNull();
  });

  it('is none when it is cut short within them, or longer than a picture may be', () => {
    for (const hex of Object.values(starts)) {
      const bytes = Buffer.from(hex, 'hex');
      expect(pictureType(bytes.subarray(0, 2))).toBeNull();
      expect(pictureType(Buffer.concat([bytes, Buffer.alloc(maxPictureBytes)]))).toBeNull();
    }
  });

  it('is told for any bytes without throwing', () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => void pictureType(bytes)));
  });
});
