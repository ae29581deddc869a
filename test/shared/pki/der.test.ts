import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DerError, parseDer, TAG } from '../../../shared/pki/der.ts';
import {
  DerFields,
  positiveIntegerHex,
  setElements,
  takePreciseTime,
  takeTime,
} from '../../../shared/pki/der-fields.ts';
import {
  encodeDer,
  encodeGeneralizedTime,
  encodeInteger,
  encodeObjectIdentifier,
  encodeSetOf,
  encodeTime,
} from '../../../shared/pki/encode-der.ts';
import { hex } from '../../support/edit-certificate.ts';

const REFUSED: readonly [what: string, der: string][] = [
  ['nothing', ''],
  ['a tag alone', '30'],
  ['a byte after the end', '0401aa 00'],
  ['a content cut off', '0402aa'],
  ['a length cut off', '0482ff'],
  ['an indefinite length', '3080 0401aa 0000'],
  ['the end-of-contents tag', '0000'],
  ['a short length in long form', '048101aa'],
  ['a long length with a leading zero', `04820080${'00'.repeat(128)}`],
  ['a length of four bytes', `0484 00000080${'00'.repeat(128)}`],
  ['a tag number in long form', '1f2201aa'],
  ['an octet string in pieces', '2403 0401aa'],
  ['a sequence that is primitive', '1003 0401aa'],
  ['a child beyond its parent', '3003 0402aa'],
  ['a true that is 01', '010101'],
  ['a boolean of two bytes', '0102ffff'],
  ['a boolean without bytes', '0100'],
  ['an integer without bytes', '0200'],
  ['an integer with a needless zero', '0202007f'],
  ['an integer with a needless ff', '0202ff80'],
  ['an enumerated with a needless zero', '0a020001'],
  ['an object identifier without bytes', '0600'],
  ['an object identifier with a padded arc', '0603 2a8001'],
  ['an object identifier that does not end', '0602 2a86'],
  ['13 levels', '301a 3018 3016 3014 3012 3010 300e 300c 300a 3008 3006 3004 3002 0500'],
];

describe('parseDer', () => {
  it.each(REFUSED)('refuses %s', (_, der) => {
    expect(() => parseDer(hex(der))).toThrow(DerError);
  });

  it('reads a structure', () => {
    const { children } = parseDer(hex('300a 020180 0101ff a002 0500'));
    expect(children.map(({ tag }) => tag)).toEqual([TAG.integer, TAG.boolean, TAG.context0]);
    expect(children[2]?.children[0]?.tag).toBe(0x05);
  });

  it('reads lengths of every form back', () => {
    for (const length of [0, 1, 127, 128, 255, 256, 65_535, 65_536]) {
      expect(parseDer(encodeDer(TAG.octetString, new Uint8Array(length))).content).toHaveLength(length);
    }
  });

  it('has one byte form for every value: what it reads is what would be written', () => {
    const write = (element: ReturnType<typeof parseDer>): Uint8Array =>
      element.children.length === 0
        ? encodeDer(element.tag, element.content)
        : encodeDer(element.tag, ...element.children.map(write));
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        let element: ReturnType<typeof parseDer>;
        try {
          element = parseDer(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(DerError);
          return;
        }
        expect(write(element)).toEqual(new Uint8Array(bytes));
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('integers', () => {
  it('have a hexadecimal form without a sign byte', () => {
    expect(positiveIntegerHex(parseDer(hex('02020080')), 20, 'x')).toBe('80');
    expect(positiveIntegerHex(parseDer(encodeInteger(2 ** 53 - 1)), 20, 'x')).toBe('1fffffffffffff');
  });

  it.each(['020100', '0201ff', '02020100'])('%s is not positive, or too long for one byte', (der) => {
    expect(() => positiveIntegerHex(parseDer(hex(der)), 1, 'x')).toThrow(DerError);
  });
});

describe('object identifiers', () => {
  it('may have an arc far above 2^53', () => {
    // ITU-T X.667 example: 2.25.329800735698586629295641978511506172918 is f81d4fae-7dec-11d0-a765-00a0c91e6bf6.
    const encoded = encodeObjectIdentifier('2.25.329800735698586629295641978511506172918');
    const arcs = [...parseDer(encoded).content].slice(1);
    const value = arcs.reduce((sum, byte) => (sum << 7n) | BigInt(byte & 0x7f), 0n);
    expect(value.toString(16)).toBe('f81d4fae7dec11d0a76500a0c91e6bf6');
  });
});

describe('takeTime', () => {
  const read = (tag: number, text: string) =>
    takeTime(new DerFields(parseDer(encodeDer(TAG.sequence, encodeDer(tag, Buffer.from(text))))), 'it');

  it('reads both forms', () => {
    expect(read(TAG.utcTime, '491231235959Z')).toBe(Date.UTC(2049, 11, 31, 23, 59, 59));
    expect(read(TAG.utcTime, '700101000000Z')).toBe(0);
    expect(read(TAG.generalizedTime, '20500101000000Z')).toBe(Date.UTC(2050, 0));
    expect(read(TAG.utcTime, '280229120000Z')).toBe(Date.UTC(2028, 1, 29, 12));
  });

  it.each([
    [TAG.generalizedTime, '20491231235959Z'],
    [TAG.generalizedTime, '20500101000000.5Z'],
    [TAG.generalizedTime, '205001010000Z'],
    [TAG.utcTime, '2611200102Z'],
    [TAG.utcTime, '261120010203'],
    [TAG.utcTime, '261120010203+0000'],
    [TAG.utcTime, '260230010203Z'],
    [TAG.utcTime, '261320010203Z'],
    [TAG.utcTime, '261120240000Z'],
    [TAG.utcTime, '261120010260Z'],
    [TAG.utcTime, '691231235959Z'],
    [TAG.octetString, '261120010203Z'],
  ])('refuses %i %s', (tag, text) => {
    expect(() => read(tag, text)).toThrow(DerError);
  });

  it('reads what is written, cut to seconds', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 253_402_300_799_999 }), (at) => {
        const fields = new DerFields(parseDer(encodeDer(TAG.sequence, encodeTime(at))));
        expect(takeTime(fields, 'it')).toBe(Math.floor(at / 1_000) * 1_000);
      }),
    );
  });
});

describe('takePreciseTime', () => {
  const read = (der: Uint8Array) => takePreciseTime(new DerFields(parseDer(encodeDer(TAG.sequence, der))), 'it');

  it.each([
    [Date.UTC(2031, 4, 6, 7, 8, 9), '20310506070809Z'],
    [Date.UTC(2031, 4, 6, 7, 8, 10, 100), '20310506070810.1Z'],
    [Date.UTC(2031, 4, 6, 7, 0, 0, 7), '20310506070000.007Z'],
    [0, '19700101000000Z'],
  ])('%i is %s', (at, text) => {
    expect(Buffer.from(parseDer(encodeGeneralizedTime(at)).content).toString()).toBe(text);
  });

  it('reads what is written, to the millisecond', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 253_402_300_799_999 }), (at) => {
        expect(read(encodeGeneralizedTime(at))).toBe(at);
      }),
    );
  });
});

describe('a SET OF', () => {
  it('is written in one order, and read in no other', () => {
    const [one, two, long] = [encodeInteger(1), encodeInteger(2), hex('02020100')];
    expect(encodeSetOf([long, two, one])).toEqual(encodeDer(TAG.set, one, two, long));
    const read = (...elements: Uint8Array[]) => setElements(parseDer(encodeDer(TAG.set, ...elements)), 'it');
    expect(read(one, two, long)).toHaveLength(3);
    expect(read()).toEqual([]);
    for (const wrong of [
      [two, one],
      [long, one],
      [one, one],
    ])
      expect(() => read(...wrong)).toThrow(DerError);
    expect(() => setElements(parseDer(encodeDer(TAG.sequence, one)), 'it')).toThrow(DerError);
    expect(setElements(parseDer(encodeDer(TAG.context0, one)), 'it', TAG.context0)).toHaveLength(1);
  });
});
