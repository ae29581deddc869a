import { describe, expect, it } from 'vitest';
import { compareFingerprint, fingerprintRows } from '../../../client/door/fingerprint.ts';

const HEX = '4bebd913a9c30a6211a4acbd216b7a6bc84f7617679fbe4f443594d53e5607f6';

describe('a fingerprint', () => {
  it('is shown in groups of four, eight in a row', () => {
    const rows = fingerprintRows(HEX);
    expect(rows.map((row) => row.split(' ').length)).toEqual([8, 8]);
    expect(rows.join(' ').replaceAll(' ', '')).toBe(HEX);
  });

  it.each([
    ['y', 'same'],
    ['Yes', 'same'],
    [HEX, 'same'],
    [`sha256:${HEX}`, 'same'],
    [`"root":"sha256:${HEX.toUpperCase()}"`, 'same'],
    ['3e56 07f6', 'same'],
    ['3E:56:07:F6', 'same'],
    ['4bebd913', 'same'],
    // Somebody else's root may be made to have any four of these.
    ['07f6', 'unclear'],
    ['5607f6', 'unclear'],
    // In the middle, where nobody looks.
    ['0a6211a4', 'differs'],
    ['3e5607f7', 'differs'],
    [`${HEX.slice(0, 63)}7`, 'differs'],
    [`${HEX}00`, 'differs'],
    ['n', 'another-address'],
    ['', 'unclear'],
    ['what?', 'unclear'],
  ] as const)('typed back as %j is %s', (typed, comparison) => {
    expect(compareFingerprint(typed, HEX)).toBe(comparison);
  });
});
