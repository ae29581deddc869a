import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { utf8 } from '../../../shared/bytes.ts';
import { canonicalJson } from '../../../shared/canonical-json.ts';
import {
  decodeRecord,
  encodeRecord,
  type JournalRecord,
  type PrivateRecord,
  type PublicRecord,
} from '../../../shared/journal/record.ts';
import type { LotId } from '../../../shared/wire/vocabulary.ts';
import { codeThrownBy } from '../../support/refusal.ts';

const lot = '6f1c9e0a-7a52-4d5b-9b0a-0d1f6f2c3a11' as LotId;
const told: PublicRecord = { v: 1, kind: 'acknowledged', role: 'winner', lot };
const held: PrivateRecord = { kind: 'envelopes', winner: 'to the winner', seller: 'to the seller' };
const salt = new Uint8Array(32).fill(7);
const record = encodeRecord(told, held, salt);

const flip = (part: keyof JournalRecord, at = 0): JournalRecord => {
  const bytes = Uint8Array.from(record[part]);
  bytes[at]! ^= 1;
  return { ...record, [part]: bytes };
};

describe('a record of the journal', () => {
  it('is canonical JSON in two parts, and SHA-256 over salt and private part', () => {
    expect(utf8.decode(record.publicPart)).toBe(`{"kind":"acknowledged","lot":"${lot}","role":"winner","v":1}`);
    const privateText = '{"kind":"envelopes","seller":"to the seller","winner":"to the winner"}';
    expect(utf8.decode(record.privatePart)).toBe(privateText);
    const digest = createHash('sha256').update(salt).update(privateText).digest('hex');
    expect(Buffer.from(record.commitment).toString('hex')).toBe(digest);
  });

  it('decodes to what was encoded', () => {
    expect(decodeRecord(record)).toEqual({ public: told, private: held });
  });

  it('is refused if one bit of what the commitment covers has changed', () => {
    for (const part of ['salt', 'privatePart', 'commitment'] as const)
      expect(codeThrownBy(() => decodeRecord(flip(part, 3)))).toBe('record-damaged');
  });

  it('is refused if the public part is not UTF-8, not JSON, of another version, or has more to say', () => {
    const withPublic = (publicPart: Uint8Array) => codeThrownBy(() => decodeRecord({ ...record, publicPart }));
    expect(withPublic(new Uint8Array([0xff]))).toBe('record-damaged');
    expect(withPublic(utf8.encode('{'))).toBe('record-damaged');
    expect(withPublic(utf8.encode(JSON.stringify({ ...told, v: 2 })))).toBe('record-damaged');
    expect(withPublic(utf8.encode(JSON.stringify({ ...told, subject: 'x' })))).toBe('record-damaged');
    expect(withPublic(canonicalJson(told))).toBeUndefined();
  });

  it('is refused in every other form of the same JSON', () => {
    const text = utf8.decode(record.publicPart);
    const forms = [
      JSON.stringify(told),
      ` ${text}`,
      text.replace('"v":1', '"v":1.0'),
      text.replace('"v":1', '"v":2,"v":1'),
    ];
    for (const form of forms)
      expect(codeThrownBy(() => decodeRecord({ ...record, publicPart: utf8.encode(form) }))).toBe('record-damaged');
  });

  it('is refused with a salt of another length, even where the commitment is over it', () => {
    const short = salt.subarray(1);
    const commitment = new Uint8Array(createHash('sha256').update(short).update(record.privatePart).digest());
    expect(codeThrownBy(() => decodeRecord({ ...record, salt: short, commitment }))).toBe('record-damaged');
  });

  it('takes no other salt than 32 bytes', () => {
    expect(() => encodeRecord(told, held, new Uint8Array(31))).toThrow();
  });
});
