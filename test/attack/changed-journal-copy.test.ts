/** Copies of a journal that is honest, changed by whoever hands them on: the first record that is not the signed one is named. */
import { beforeAll, describe, expect, it } from 'vitest';
import { auditJournal } from '../../client/audit/audit-journal.ts';
import type { JournalCopy } from '../../client/audit/journal-copy.ts';
import { ProtocolError } from '../../shared/errors.ts';
import type { LogEntry } from '../../shared/wire/log.ts';
import type { HouseId, Instant } from '../../shared/wire/vocabulary.ts';
import { LOG_TIME, SignedLog } from '../support/signed-log.ts';
import { SigningHouse, type Step, termsAt } from '../support/signing-house.ts';

const STEPS: readonly Step[] = [
  { kind: 'listed', lot: 'desk', at: 0, serial: 1, terms: termsAt() },
  ...Array.from({ length: 20 }, (_, n): Step => {
    return { kind: 'bid', lot: 'desk', at: 1_000 * n + 1_000, serial: 10 + n, amount: 100 + 10 * n, closesAt: 60_000 };
  }),
  { kind: 'closed', lot: 'desk', at: 63_000, serial: 90, outcome: 'sold', hammerPrice: 290, winner: 21 },
];

let house: SigningHouse;
let other: SigningHouse;
beforeAll(async () => {
  house = await (await SigningHouse.create()).record(STEPS);
  other = await (await house.anew()).record(STEPS);
});

const audit = async (copy: JournalCopy) => (await auditJournal(copy, house.root)).finding;
const flipped = (entry: LogEntry): LogEntry => ({
  ...entry,
  commitment: entry.commitment.replace(/^./, (c) => (c === 'A' ? 'B' : 'A')),
});

/** What somebody did with the records, the rule that is broken, and where. */
const CHANGES: readonly (readonly [string, string, number, (entries: LogEntry[]) => (LogEntry | undefined)[]])[] = [
  ['flipped one', 'record-changed', 8, (e) => e.with(7, flipped(e[7]!))],
  ['flipped the first', 'record-changed', 1, (e) => e.with(0, flipped(e[0]!))],
  ['flipped the last', 'record-changed', 22, (e) => e.with(21, flipped(e[21]!))],
  ['flipped two', 'record-changed', 8, (e) => e.with(7, flipped(e[7]!)).with(12, flipped(e[12]!))],
  ['put in that of another journal', 'record-changed', 8, (e) => e.with(7, other.entries[7]!)],
  ['made one unreadable', 'record-changed', 8, (e) => (e as (LogEntry | undefined)[]).with(7, undefined)],
  ['dropped one', 'record-missing', 8, (e) => e.toSpliced(7, 1)],
  ['dropped the last', 'record-missing', 22, (e) => e.slice(0, -1)],
  ['swapped two', 'record-missing', 8, (e) => e.with(7, e[8]!).with(8, e[7]!)],
  ['repeated one', 'record-changed', 9, (e) => e.toSpliced(8, 0, e[7]!)],
  ['added one', 'record-beyond', 23, (e) => [...e, e[7]!]],
];

describe('a copy with its leaves beside, in which somebody', () => {
  it.each(CHANGES)('%s: %s at %i', async (_what, rule, position, change) => {
    const copy = await house.copy({ entries: change(house.entries), leaves: house.leaves });
    expect(await audit(copy)).toMatchObject({ rule, position });
  });

  it('nothing was changed but the leaves, holds all the same', async () => {
    expect(await audit(await house.copy({ leaves: other.leaves }))).toBeUndefined();
  });
});

describe('a log that can be asked, and', () => {
  it.each(CHANGES.filter(([what]) => /flipped|journal|unreadable/.test(what)))(
    '%s: named at %s %i by its own proofs',
    async (_what, rule, position, change) => {
      const copy = await house.copy({ entries: change(house.entries), asks: true });
      expect(await audit(copy)).toMatchObject({ rule, position });
    },
  );

  it('refuses to prove anything, is wrong from the first record on', async () => {
    const copy = await house.copy({ entries: other.entries });
    const refuses = async () => {
      throw new ProtocolError('log-too-short');
    };
    expect(await audit({ ...copy, prove: refuses })).toMatchObject({ rule: 'record-changed', position: 1 });
  });
});

describe('a copy without its leaves', () => {
  it('is wrong somewhere', async () => {
    const copy = await house.copy({ entries: other.entries, witnessed: false });
    expect(await audit(copy)).toMatchObject({
      rule: 'root-differs',
      position: 1,
      detail: expect.stringContaining('1 to 22'),
    });
  });

  it('is wrong somewhere behind what the witness saw', async () => {
    const grown = await (await house.anew()).record(STEPS.slice(0, 10));
    const { witnessed } = (await grown.copy()).head;
    await grown.record(STEPS.slice(10));
    const entries = grown.entries.with(14, flipped(grown.entries[14]!));
    const copy = await grown.copy({ entries, head: { witnessed: witnessed! } });
    expect(await audit(copy)).toMatchObject({
      rule: 'root-differs',
      position: 11,
      detail: expect.stringContaining('11 to 22'),
    });
  });

  it('names the record that breaks a rule by itself', async () => {
    const broken = house.entries.with(4, { ...house.entries[4]!, record: '{}' });
    expect(await audit(await house.copy({ entries: broken }))).toMatchObject({ rule: 'record-malformed', position: 5 });
  });

  it('to which a record was added', async () => {
    const copy = await house.copy({ entries: [...house.entries, house.entries[7]!] });
    expect(await audit(copy)).toMatchObject({ rule: 'record-beyond', position: 23 });
  });

  it('and without its end', async () => {
    const entries = house.entries.slice(0, 9);
    const cut = await house.copy({ entries });
    const parts = async function* () {
      yield { kind: 'entries', entries } as const;
    };
    expect(await audit({ ...cut, parts })).toMatchObject({ rule: 'record-missing', position: 10 });
  });
});

describe('a house that lies, in a copy that was changed as well', () => {
  const lie: Step = { ...STEPS[5]!, amount: 1 };

  it('is named for what it signed, where that comes first', async () => {
    const liar = await (await house.anew()).record(STEPS.with(5, lie));
    const copy = await liar.copy({ entries: liar.entries.with(9, flipped(liar.entries[9]!)), leaves: liar.leaves });
    expect(await audit(copy)).toMatchObject({ rule: 'bid-below-starting-price', position: 6 });
  });

  it('is not for what it did not sign', async () => {
    const liar = await (await house.anew()).record(STEPS.with(5, lie));
    const entries = house.entries.with(5, liar.entries[5]!);
    expect(await audit(await house.copy({ entries, leaves: house.leaves }))).toMatchObject({
      rule: 'record-changed',
      position: 6,
    });
  });
});

describe('records that are kept back', () => {
  it('are no reason for doubt while a lot is in its sealed round', async () => {
    expect(await audit(await house.copy({ shown: 15, time: 61_000 }))).toBeUndefined();
  });

  it('are, where no lot is', async () => {
    const copy = await house.copy({ shown: 15, time: 57_000 });
    expect(await audit(copy)).toMatchObject({ rule: 'record-hidden', position: 16 });
  });
});

/** What the witness says of another house under the same root, with the same records. */
async function neighbour(): Promise<Partial<JournalCopy['head']>> {
  const id = 'c2a7c5de-17f4-4c1e-9d3b-8e5f6a7b8c9d' as HouseId;
  const node = await house.log.authority.issue('dms-node', { house: id });
  const log = await SignedLog.create(house.log.authority, node);
  for (const leaf of house.leaves) log.tree.append(new Uint8Array(Buffer.from(leaf, 'base64url')));
  const signed = await log.checkpoint({ house: id });
  return { witnessed: { ...signed, witness: await log.cosignature(house.witness, { house: id }) } };
}

describe('a house with two histories', () => {
  const wrongHeads: readonly (readonly [string, string, () => Promise<Partial<JournalCopy['head']>>])[] = [
    [
      'witness-disagrees',
      'the witness saw another journal',
      async () => {
        const { witnessed } = (await other.copy()).head;
        return { witnessed: witnessed! };
      },
    ],
    ['root-differs', 'the checkpoint is of another journal', async () => (await other.copy({ witnessed: false })).head],
    [
      'checkpoint-invalid',
      'the checkpoint is by no node',
      async () => {
        const { chain } = (await house.copy()).head.witnessed!.witness;
        const { checkpoint } = (await house.copy()).head.checkpoint;
        return { checkpoint: { checkpoint, chain } };
      },
    ],
    [
      'checkpoint-invalid',
      'the node was not certified any more',
      async () => {
        const time = (LOG_TIME + 900 * 86_400_000) as Instant;
        return { checkpoint: await house.log.checkpoint({ time }) };
      },
    ],
    [
      'checkpoint-invalid',
      'the node is of another house',
      async () => {
        const checkpoint = await house.log.checkpoint({ house: 'c2a7c5de-17f4-4c1e-9d3b-8e5f6a7b8c9d' as never });
        return { checkpoint };
      },
    ],
    ['cosignature-invalid', 'the witnessed journal is of another house', async () => neighbour()],
    [
      'cosignature-invalid',
      'the cosignature is of another journal',
      async () => {
        const [mine, theirs] = [(await house.copy()).head.witnessed!, (await other.copy()).head.witnessed!];
        return { witnessed: { ...mine, witness: theirs.witness } };
      },
    ],
  ];
  it.each(wrongHeads)('is found out: %s, where %s', async (rule, _what, head) => {
    expect(await audit(await house.copy({ head: await head() }))).toMatchObject({ rule });
  });
});
