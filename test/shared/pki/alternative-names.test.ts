import { describe, expect, it } from 'vitest';
import { encodeAlternativeNames, readAlternativeNames } from '../../../shared/pki/alternative-names.ts';
import { parseDer } from '../../../shared/pki/der.ts';
import { codeThrownBy } from '../../support/refusal.ts';
import { TEST_HOUSE } from '../../support/test-authority.ts';

const roundTrip = (hosts: readonly string[]) => readAlternativeNames(parseDer(encodeAlternativeNames({ hosts }))).hosts;

describe('host names', () => {
  it.each([
    ['localhost', 'localhost'],
    ['Auction.Example.ORG', 'auction.example.org'],
    ['xn--bcher-kva.example', 'xn--bcher-kva.example'],
    ['127.0.0.1', '127.0.0.1'],
    ['::1', '::1'],
    ['::', '::'],
    ['fe80:0:0:0:0:0:0:1', 'fe80::1'],
    ['2001:DB8::8:800:200C:417A', '2001:db8::8:800:200c:417a'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2:3:4:5:6'],
    ['::ffff:192.0.2.1', '::ffff:c000:201'],
  ])('%s is certified as %s', (written, certified) => {
    expect(roundTrip([written])).toEqual([certified]);
  });

  it.each([
    '',
    '*',
    '*.example.org',
    'a b',
    'a..b',
    '.a',
    'a.',
    '-a',
    'a_b',
    'bücher',
    'a\0b',
    '1.2.3',
    '127.1',
    '01.2.3.4',
    '1.2.3.4.5',
    'fe80::1%eth0',
    '[::1]',
    'host:443',
    'http://host',
    `${'a'.repeat(64)}.b`,
    `${'a.'.repeat(127)}bc`,
  ])('refuses %j', (host) => {
    expect(codeThrownBy(() => encodeAlternativeNames({ hosts: [host] }))).toBe('malformed');
  });

  it('refuses more than a certificate has room for', () => {
    const hosts = Array.from({ length: 16 }, (_, index) => `${'a'.repeat(60)}${index}.example`);
    expect(codeThrownBy(() => encodeAlternativeNames({ hosts }))).toBe('malformed');
  });
});

it('a house comes back with its hosts', () => {
  const names = { hosts: ['localhost'], house: TEST_HOUSE };
  expect(readAlternativeNames(parseDer(encodeAlternativeNames(names)))).toEqual(names);
});
