import { describe, expect, it } from '@jest/globals';
import { isLoopback, refusedOrigins } from './allowed-origins.js';

describe('what may be loaded', () => {
  it('is this machine, by any of its loopback addresses', () => {
    const own = ['http://localhost:8080', 'http://127.0.0.1:1', 'ws://127.9.9.9:2', 'https://[::1]:3/path'];
    expect(own.every(isLoopback)).toBe(true);
    expect(refusedOrigins(own, [])).toEqual([]);
  });

  it.each([
    'http://10.0.0.1',
    'http://0.0.0.0:80',
    'http://localhost.example.org',
    'http://127.0.0.1.example.org',
    'https://chat.example.org',
    'http://[::ffff:10.0.0.1]',
    'chat.example.org',
    '',
  ])('is not %p, unless it was named', (address) => {
    expect(refusedOrigins([address], [])).toHaveLength(1);
  });

  it('is an origin that was named: the whole of it, its socket, and no other', () => {
    const allowed = ['https://chat.example.org'];
    expect(refusedOrigins(['https://chat.example.org/v1', 'wss://chat.example.org/'], allowed)).toEqual([]);
    expect(
      refusedOrigins(
        [
          'http://chat.example.org',
          'https://chat.example.org:8443',
          'https://example.org',
          'https://chat.example.org.evil.example',
          'https://chat.example.org@evil.example',
        ],
        allowed,
      ),
    ).toEqual([
      'http://chat.example.org',
      'https://chat.example.org:8443',
      'https://example.org',
      'https://chat.example.org.evil.example',
      'https://evil.example',
    ]);
  });
});
