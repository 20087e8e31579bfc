import { describe, expect, it } from '@jest/globals';
import { addressesIn } from './addresses.js';

describe('addresses of containers', () => {
  it('are named in the lower half and given out in the upper one', () => {
    expect(addressesIn('10.77.7.0/24')).toEqual({
      fixed: {
        web: '10.77.7.2',
        auth: '10.77.7.3',
        'key-directory': '10.77.7.4',
        'message-store': '10.77.7.5',
        'gateway-1': '10.77.7.6',
        'gateway-2': '10.77.7.7',
      },
      others: '10.77.7.128/25',
    });
    expect(addressesIn('172.16.0.0/12').others).toBe('172.24.0.0/13');
  });

  it('never meet', () => {
    const { fixed, others } = addressesIn('192.168.255.224/27');
    expect(Object.values(fixed).at(-1)).toBe('192.168.255.231');
    expect(others).toBe('192.168.255.240/28');
  });

  it.each([
    '10.77.7.0',
    '10.77.7.0/28',
    '10.0.0.0/7',
    '10.77.7.1/24',
    '10.77.256.0/24',
    '10.77.7/24',
    '10..7.0/24',
    '::/64',
    '10.77.7.0/24x',
  ])('are not made of %s', (subnet) => {
    expect(() => addressesIn(subnet)).toThrow(RangeError);
  });
});
