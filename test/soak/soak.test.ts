/** A short soak, in which everything is killed at least once; and an auditor who notices each lie about it. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditRun } from '../../bench/workload/audit/audit-run.ts';
import type { Rule } from '../../bench/workload/audit/problem.ts';
import { type Recorded, readBundle } from '../../bench/workload/audit/recorded.ts';
import type { Note } from '../../bench/workload/notes.ts';
import { BROKER_MIX } from '../../client/bots/workload/auction-mark.ts';
import { verifyRoot } from '../../shared/pki/verify-certificate.ts';
import { gavel } from '../support/gavel-process.ts';
import { systemBinaries } from '../support/postgres-server.ts';
import { runSoak, type SoakReport } from './run-soak.ts';

const isShared = systemBinaries() !== undefined;
const folder = mkdtempSync(join(tmpdir(), 'gavel-soak-test-'));
const said: string[] = [];
let report: SoakReport;
let records: Recorded[];
/** Of each life of each process. */
let lives: Note[][];

beforeAll(async () => {
  report = await runSoak({
    folder,
    ms: 14_000,
    size: { connections: 14, lots: 12 },
    mix: BROKER_MIX,
    rate: 15,
    hostile: 15,
    seed: 'in CI',
    processes: 2,
    isShared,
    say: (line) => said.push(line),
    signal: new AbortController().signal,
  });
  records = await readBundle(join(folder, 'journal.jsonl'));
  const notes = join(folder, 'notes');
  lives = readdirSync(notes).map((name) => parse(readFileSync(join(notes, name), 'utf8')));
}, 90_000);

afterAll(() => rmSync(folder, { recursive: true }));

const parse = (text: string) =>
  text
    .split('\n')
    .filter((line) => line.endsWith('}'))
    .map((line): Note => JSON.parse(line));

describe('a soak', () => {
  it('kills everything, and everything holds', () => {
    expect(report.problems, said.join('\n')).toEqual([]);
    const all = [
      'trusted-service',
      'clients-1',
      'clients-2',
      'intruders',
      ...(isShared ? ['dms-a', 'dms-b', 'database'] : ['dms']),
    ];
    expect([...report.kills.keys()].toSorted()).toEqual(all.toSorted());
  });

  it('was under load meanwhile, and had sales to look at', () => {
    // More than the lots of the start.
    expect(report.acknowledged).toBeGreaterThan(12);
    expect(report.sold).toBeGreaterThan(0);
    expect(report.heard).toBeGreaterThan(report.records);
    expect(report.harmed).toBeGreaterThan(0);
    expect(said.filter((line) => /p99 .* MB ×/.test(line)).length).toBeGreaterThan(1);
  });
});

/** The evidence with something changed in it. */
type Lie = (evidence: { records: Recorded[]; lives: Note[][] }) => void;

const find = <Kind extends Note['note']>(
  all: Note[][],
  kind: Kind,
  fits: (note: Extract<Note, { note: Kind }>) => boolean,
) => all.flat().find((note): note is Extract<Note, { note: Kind }> => note.note === kind && fits(note as never))!;
const change = (thing: object, other: object) => Object.assign(thing, other);
const recordOf = (all: Recorded[], kind: string, fits: (record: never) => boolean = () => true) =>
  all.find(({ record }) => record.kind === kind && fits(record as never))!;
const isSold = ({ outcome }: { outcome: string }) => outcome === 'sold';

const LIES: readonly (readonly [string, Rule, Lie])[] = [
  [
    'an acknowledged bid that is another one in the journal',
    'acknowledged-not-recorded',
    ({ records: all, lives: notes }) => {
      const { position } = find(notes, 'answered', ({ outcome }) => outcome === 'accepted');
      const { record } = all[position! - 1]!;
      change(record, record.kind === 'bid' ? { amount: record.amount + 1 } : { lot: 'another' });
    },
  ],
  [
    'an acknowledged bid that is not in the journal',
    'acknowledged-not-recorded',
    ({ records: all, lives: notes }) => {
      const { position } = find(notes, 'answered', ({ outcome }) => outcome === 'accepted');
      all.splice(position! - 1, 1);
    },
  ],
  [
    'two bids that were told the same position',
    'acknowledged-twice',
    ({ lives: notes }) => {
      const [one, other] = notes.flat().filter((note) => note.note === 'answered' && note.outcome === 'accepted');
      change(one!, { position: (other as { position: number }).position });
    },
  ],
  [
    'a bid that was rejected, and recorded all the same',
    'recorded-not-asked',
    ({ lives: notes }) => {
      change(
        find(notes, 'answered', ({ outcome }) => outcome === 'accepted'),
        { outcome: 'rejected', reason: 'tie-lost' },
      );
    },
  ],
  [
    'a bid that counts though it was stamped at the closing',
    'accepted-after-closing',
    ({ records: all }) => {
      const bid = recordOf(all, 'bid');
      const { record } = recordOf(all, 'listed', ({ lot }: { lot: string }) => lot === bid.record.lot);
      change((record as { terms: object }).terms, { closesAt: bid.at });
    },
  ],
  [
    'a winner who is not the greatest',
    'winner-wrong',
    ({ records: all }) => {
      const { record } = recordOf(all, 'closed', isSold);
      change(record, { pseudonym: 'somebody else' });
    },
  ],
  [
    'a lot that never closed',
    'not-closed',
    ({ records: all }) => change(recordOf(all, 'closed'), { record: recordOf(all, 'acknowledged').record }),
  ],
  [
    'a name that a third one heard',
    'told-to-others',
    ({ lives: notes }) => {
      const sale = find(notes, 'sale', isSold);
      notes[0]!.push({ ...sale, who: sale.who === 0 ? 1 : 0 });
    },
  ],
  [
    'a name that is another one',
    'told-wrongly',
    ({ lives: notes }) => change(find(notes, 'sale', isSold), { counterparty: 'guest-999' }),
  ],
  [
    'a winner who never heard of it',
    'not-told',
    ({ lives: notes }) => {
      const { lot } = find(notes, 'sale', ({ role }) => role === 'winner');
      for (const life of notes) {
        const rest = life.filter((note) => !(note.note === 'sale' && note.lot === lot && note.role === 'winner'));
        life.splice(0, life.length, ...rest);
      }
    },
  ],
  [
    'an announcement with another amount',
    'announced-otherwise',
    ({ lives: notes }) => {
      const { announcement } = find(notes, 'content', ({ announcement: { event } }) => event === 'someone_bid');
      change(announcement, { amount: 1 });
    },
  ],
  [
    'an announcement that one heard otherwise',
    'announced-otherwise',
    ({ lives: notes }) => {
      const { announcement } = find(notes, 'content', () => true);
      notes[0]!.push({ note: 'differs', who: 0, announcement });
    },
  ],
  [
    'announcements in another order',
    'announced-out-of-order',
    ({ lives: notes }) => {
      const heard = find(notes, 'heard', ({ positions }) => positions.length > 1);
      change(heard, { positions: heard.positions.toReversed() });
    },
  ],
  [
    'an announcement that one did not hear',
    'announcement-missed',
    ({ lives: notes }) => {
      const heard = find(notes, 'heard', ({ positions }) => positions.length > 1);
      change(heard, { positions: heard.positions.slice(1) });
    },
  ],
  [
    'an announcement that came twice',
    'announcement-missed',
    ({ lives: notes }) => {
      const heard = find(notes, 'heard', () => true);
      change(heard, { positions: [...heard.positions, heard.positions.at(-1)] });
    },
  ],
  [
    'a bad signature that was accepted',
    'hostile-accepted',
    ({ lives: notes }) =>
      change(
        find(notes, 'harmed', ({ move }) => move === 'bad-signature'),
        { isAccepted: true },
      ),
  ],
  [
    'a client that could not go on',
    'client-failed',
    ({ lives: notes }) => void notes[0]!.push({ note: 'failed', who: 0, code: 'peer-untrusted', text: '' }),
  ],
];

describe('the auditor of a soak', () => {
  const audit = (lie: Lie) => {
    const evidence = structuredClone({ records, lives });
    lie(evidence);
    return auditRun({ records: evidence.records, notes: evidence.lives, isOver: true });
  };

  it('finds nothing in what was', async () => {
    expect((await audit(() => undefined)).problems).toEqual([]);
  });

  it.each(LIES)('notices %s', async (_, rule, lie) => {
    const { problems } = await audit(lie);
    expect(problems.map((problem) => problem.rule)).toContain(rule);
  });

  it('has a journal verified that holds, and one that does not', async () => {
    const bundle = join(folder, 'journal.jsonl');
    const lines = readFileSync(bundle, 'utf8').split('\n');
    const { root } = JSON.parse(lines[0]!);
    const shorter = join(folder, 'shorter.jsonl');
    writeFileSync(
      shorter,
      lines
        .toSpliced(
          lines.findIndex((line) => line.includes('\\"kind\\":\\"bid\\"')),
          1,
        )
        .join('\n'),
    );
    const verify = (path: string) =>
      gavel(['verify', '--bundle', path, '--root', `sha256:${verifyRoot(root).sha256}`, '--json'], {});
    expect((await verify(bundle)).code).toBe(0);
    expect((await verify(shorter)).code).toBe(6);
  });
});
