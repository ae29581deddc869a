import { describe, expect, it } from 'vitest';
import { addressesMeant } from '../../../client/door/introduction.ts';
import { complaintBy } from '../complaint.ts';

describe('an address as people type it', () => {
  it.each([
    ['trust.example', ['https://trust.example:8443', 'https://trust.example:8444']],
    ['trust.example:9000', ['https://trust.example:9000']],
    ['https://trust.example', ['https://trust.example']],
    ['trust.example:443', ['https://trust.example']],
    [' https://trust.example:8443/docs ', ['https://trust.example:8443']],
    ['http://10.0.0.7:8443', ['http://10.0.0.7:8443']],
    ['[::1]:8443', ['https://[::1]:8443']],
  ])('%j means %j', (typed, urls) => {
    expect(addressesMeant(typed)).toEqual(urls);
  });

  it.each(['ftp://trust.example', 'ann@trust.example', 'what is that', ':', 'https://'])('%j is none', (typed) => {
    expect(complaintBy(() => addressesMeant(typed))).toBe('option-malformed');
  });
});
