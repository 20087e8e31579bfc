import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { clientAddress, parseNetwork, proxyTrust } from './client-address.js';

const address = fc.oneof(fc.ipV4(), fc.ipV6());

describe("a client's address", () => {
  const of = (params: {
    readonly from: string;
    readonly forwardedFor?: string;
    readonly trusted?: readonly string[];
  }): string =>
    clientAddress({
      remoteAddress: params.from,
      forwardedFor: params.forwardedFor,
      isTrusted: proxyTrust(params.trusted ?? []),
    });

  it('is that of the connection, whatever the header says, unless that comes from a trusted proxy', () => {
    expect(of({ from: '203.0.113.9' })).toBe('203.0.113.9');
    expect(of({ from: '203.0.113.9', forwardedFor: '1.1.1.1' })).toBe('203.0.113.9');
    expect(of({ from: '203.0.113.9', forwardedFor: '1.1.1.1', trusted: ['10.0.0.0/8'] })).toBe('203.0.113.9');
  });

  it('is the one that the outermost trusted proxy saw, and nothing left of it', () => {
    const trusted = ['10.0.0.0/8', '::1'];
    expect(of({ from: '10.1.2.3', forwardedFor: '203.0.113.9', trusted })).toBe('203.0.113.9');
    expect(of({ from: '10.1.2.3', forwardedFor: 'forged, 203.0.113.9, 10.9.9.9', trusted })).toBe(
      '203.0.113.9',
    );
    expect(of({ from: '::ffff:10.1.2.3', forwardedFor: '2001:db8::7', trusted })).toBe('2001:db8::7');
    expect(of({ from: '::1', forwardedFor: 'no address', trusted })).toBe('no address');
  });

  it('is the outermost of all when all are trusted', () => {
    expect(of({ from: '127.0.0.1', forwardedFor: '127.0.0.1', trusted: ['127.0.0.0/8'] })).toBe('127.0.0.1');
    expect(of({ from: '10.0.0.1', trusted: ['10.0.0.0/8'] })).toBe('10.0.0.1');
  });

  it('does not change by what a client writes before it', () => {
    fc.assert(
      fc.property(address, fc.array(fc.oneof(address, fc.string())), (client, forged) => {
        fc.pre(!proxyTrust(['10.0.0.0/8'])(client));
        const forwardedFor = [...forged, client].join(', ');
        expect(of({ from: '10.0.0.1', forwardedFor, trusted: ['10.0.0.0/8'] })).toBe(client);
        expect(of({ from: client, forwardedFor: forged.join(','), trusted: ['10.0.0.0/8'] })).toBe(client);
      }),
    );
  });
});

describe('a network', () => {
  it.each(['10.0.0.0/8', '127.0.0.1', '::1', 'fd00::/8', '0.0.0.0/0'])('can be %s', (text) => {
    expect(parseNetwork(text)).toBeDefined();
  });

  it.each([
    '',
    '1',
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    'fd00::/129',
    'proxy.example',
    '10.0.0.0/-1',
  ])('cannot be %j', (text) => {
    expect(parseNetwork(text)).toBeUndefined();
  });
});
