import { describe, expect, it } from 'vitest';
import { parseAddresses } from '../../shared/address-set.ts';

describe('a set of addresses', () => {
  it.each([
    ['10.0.0.7', '10.0.0.7', true],
    ['10.0.0.7', '10.0.0.8', false],
    ['10.0.0.7', '::ffff:10.0.0.7', true],
    ['10.0.0.7, 192.168.0.0/16', '192.168.44.1', true],
    ['192.168.0.0/16', '192.169.0.1', false],
    ['fd00::/8', 'fd12::1', true],
    ['fd00::/8', '2001:db8::1', false],
    ['10.0.0.0/8', '', false],
  ])('%s holds %s: %s', (text, address, holds) => {
    expect(parseAddresses(text)?.(address)).toBe(holds);
  });

  it.each(['', 'localhost', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/8/8', '10.0.0.0/-1', 'fd00::/129', '10.0.0.7,'])(
    'is not what %j describes',
    (text) => {
      expect(parseAddresses(text)).toBeUndefined();
    },
  );
});
