import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashOfInviteCode, makeInviteCode } from '../../../trusted-service/registration/invite-code.ts';

describe('an invite’s code', () => {
  it('is five groups of five letters and digits that nobody confuses, each of 32 as likely', () => {
    const counts = new Map<string, number>();
    for (let time = 0; time < 400; time++) {
      const code = makeInviteCode(randomBytes);
      expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{5}(-[0-9A-HJKMNP-TV-Z]{5}){4}$/);
      for (const character of code.replaceAll('-', '')) counts.set(character, (counts.get(character) ?? 0) + 1);
    }
    expect(counts.size).toBe(32);
    // 10 000 draws: 312 of each, with a deviation of 17.
    for (const count of counts.values()) expect(Math.abs(count - 312)).toBeLessThan(120);
  });

  it('is read however it was typed', () => {
    const spelling = fc.constantFrom<(code: string) => string>(
      (code) => code.toLowerCase(),
      (code) => code.replaceAll('-', ''),
      (code) => ` ${code.replaceAll('-', ' ')} `,
      (code) => code.replaceAll('0', 'o').replaceAll('1', 'l'),
      (code) => code.replaceAll('0', 'O').replaceAll('1', 'I'),
    );
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 25, maxLength: 25 }), spelling, (bytes, spell) => {
        const code = makeInviteCode(() => bytes);
        expect(hashOfInviteCode(spell(code))).toEqual(hashOfInviteCode(code));
      }),
    );
  });

  it.each(['', 'hello', 'U'.repeat(25), '0'.repeat(24), '0'.repeat(26), `${'0'.repeat(24)}é`])('is not %j', (text) => {
    expect(hashOfInviteCode(text)).toBeUndefined();
  });
});
