import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../../shared/canonical-json.ts';
import {
  type AuditHead,
  type AuditRow,
  BrokenChain,
  EMPTY_HEAD,
  extendHead,
  formatHead,
  parseHead,
  verifyRows,
} from '../../../trusted-service/audit/audit-chain.ts';

interface Chain {
  readonly rows: AuditRow[];
  readonly heads: AuditHead[];
}

function chainOf(events: readonly object[]): Chain {
  const [rows, heads]: [AuditRow[], AuditHead[]] = [[], [EMPTY_HEAD]];
  for (const event of events) {
    const bytes = canonicalJson({ ...event, number: rows.length + 1 });
    const head = extendHead(heads.at(-1)!, bytes);
    rows.push({ number: String(head.number), event: bytes, hash: head.hash });
    heads.push(head);
  }
  return { rows, heads };
}

/** The number of the first row that does not hold; `undefined` if all do. */
function brokenAt(rows: readonly AuditRow[], noted?: AuditHead): number | undefined {
  try {
    for (const _row of verifyRows(rows, noted));
    return undefined;
  } catch (error) {
    if (error instanceof BrokenChain) return error.number;
    throw error;
  }
}

const STORY = [{ type: 'a' }, { type: 'b', at: 5 }, { type: 'ü', serial: 'ff' }, { type: 'b', at: 5 }];
const { rows, heads } = chainOf(STORY);

/** What can happen to the row at this index, which is not the last. */
const EDITS = {
  drop: (all: readonly AuditRow[], at: number) => all.toSpliced(at, 1),
  double: (all: readonly AuditRow[], at: number) => all.toSpliced(at, 0, all[at]!),
  swap: (all: readonly AuditRow[], at: number) => all.toSpliced(at, 2, all[at + 1]!, all[at]!),
  renumber: (all: readonly AuditRow[], at: number) => all.with(at, { ...all[at]!, number: String(at + 2) }),
};

function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  const changed = Uint8Array.from(bytes);
  changed[bit >> 3]! ^= 1 << (bit & 7);
  return changed;
}

describe('the chain', () => {
  it('gives the events of a whole journal with their heads, also of an empty one', () => {
    const verified = [...verifyRows(rows, heads[2])];
    expect(verified.map(({ event }) => event)).toEqual(STORY.map((event, at) => ({ ...event, number: at + 1 })));
    expect(verified.map(({ head }) => head)).toEqual(heads.slice(1));
    expect(brokenAt([], EMPTY_HEAD)).toBeUndefined();
  });

  it('is SHA-256 over the hash before and the bytes, from 32 zeros on: a vector', () => {
    // (head -c 32 /dev/zero; printf '{"number":1,"type":"a"}') | sha256sum
    expect(formatHead(heads[1]!)).toBe('1:34018c022f4f81c8821a5cd8db58334028e1f59e7d8be7fd9843b899fababdc3');
  });

  it('breaks at the row in which any one bit is another', () => {
    for (const [at, row] of rows.entries()) {
      for (const part of ['event', 'hash'] as const) {
        for (let bit = 0; bit < row[part].length * 8; bit++) {
          const changed = rows.with(at, { ...row, [part]: flipped(row[part], bit) });
          expect(brokenAt(changed), `${part} of ${at + 1}, bit ${bit}`).toBe(at + 1);
        }
      }
    }
  });

  it('breaks where a row is dropped, doubled, swapped, renumbered or put in', () => {
    const story = fc.array(fc.record({ type: fc.string(), at: fc.nat() }), { minLength: 2, maxLength: 12 });
    const change = fc.constantFrom('drop', 'double', 'swap', 'renumber');
    fc.assert(
      fc.property(story, change, fc.nat(), fc.boolean(), (events, kind, where, relabel) => {
        const whole = chainOf(events).rows;
        const at = where % (whole.length - 1);
        const edited = EDITS[kind](whole, at);
        // Numbers put right again do not help.
        const labelled = edited.map((row, index) => ({ ...row, number: String(index + 1) }));
        const found = brokenAt(relabel && kind !== 'renumber' ? labelled : edited);
        expect(found).toBe(kind === 'double' ? at + 2 : at + 1);
      }),
    );
  });

  it('is rewritten whole only under another head', () => {
    const forged = chainOf(STORY.with(1, { type: 'b', at: 6 })).rows;
    expect(brokenAt(forged)).toBeUndefined();
    expect(brokenAt(forged, heads[1])).toBeUndefined();
    expect(brokenAt(forged, heads[2])).toBe(2);
    expect(brokenAt(forged, heads[4])).toBe(4);
  });

  it('is found cut off by whoever noted its head', () => {
    for (let length = 0; length < rows.length; length++) {
      expect(brokenAt(rows.slice(0, length))).toBeUndefined();
      expect(brokenAt(rows.slice(0, length), heads[4])).toBe(length + 1);
    }
    expect(brokenAt(rows, heads[4])).toBeUndefined();
    expect(brokenAt(rows, heads[0])).toBeUndefined();
  });

  it.each<[string, string]>([
    ['no JSON', 'hello'],
    ['no object', 'null'],
    ['a number alone', '7'],
    ['of another place', '{"number":7}'],
    ['of no place', '{"type":"a"}'],
  ])('breaks at an event that is %s, though its hash is right', (_what, event) => {
    const bytes = Buffer.from(event);
    const { hash } = extendHead(EMPTY_HEAD, bytes);
    expect(brokenAt([{ number: '1', event: bytes, hash }])).toBe(1);
  });
});

describe('a head', () => {
  it('is read as it was printed, and in no other form', () => {
    for (const head of heads) expect(parseHead(formatHead(head))).toEqual(head);
    const good = formatHead(heads[4]!);
    for (const bad of ['', '4', good.slice(0, -1), `${good}0`, `0${good}`, good.toUpperCase(), ` ${good}`]) {
      expect(parseHead(bad), bad).toBeUndefined();
    }
  });
});
