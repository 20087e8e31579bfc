import { expect, it } from '@jest/globals';
import { natsAddress } from './nats-address.js';

it.each([
  ['nats://127.0.0.1:4222', { servers: ['127.0.0.1:4222'] }],
  ['nats://auth:p%40ss@nats:4222', { servers: ['nats:4222'], user: 'auth', pass: 'p@ss' }],
  ['nats://token@nats:4222', { servers: ['nats:4222'], token: 'token' }],
  [
    'tls://a:b@one:4222, tls://two:4222',
    { servers: ['one:4222', 'two:4222'], user: 'a', pass: 'b', tls: {} },
  ],
])('%s', (url, expected) => {
  expect(natsAddress(url)).toEqual(expected);
});
