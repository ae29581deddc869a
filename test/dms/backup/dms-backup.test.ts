/** Backup and restore of a DMS, tried: while it runs and takes bids, after its disk is gone, and on every wrong way. */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AuctionClient } from '../../../client/auction-client.ts';
import type { Amount, LotId } from '../../../shared/wire/vocabulary.ts';
import { DmsProcess } from '../../support/dms-process.ts';
import { type Ending, gavel } from '../../support/gavel-process.ts';
import { readJournal } from '../../support/journal-records.ts';
import { refusalOf } from '../../support/refusal.ts';
import { RunningHouse } from '../../support/running-house.ts';
import { until } from '../../support/until.ts';

const WITH = { GAVEL_BACKUP_PASSPHRASE: 'correct horse battery staple' };

let house: RunningHouse;
let dms: DmsProcess | undefined;
let bidder: AuctionClient;
let lot: LotId;
let amount: number;
beforeEach(async () => {
  house = await RunningHouse.start({ withoutDms: true });
  dms = await DmsProcess.start(house);
  const seller = await house.enrolled('sue');
  const listed = await seller.list(house.terms({ closesAt: Math.round(house.now()) + 3_600_000 }));
  if (listed.outcome !== 'accepted') throw new Error(listed.reason);
  lot = listed.lot;
  bidder = await house.enrolled('bob');
  amount = 100;
});
afterEach(async () => {
  await dms?.kill();
  await house.close();
});

const at = (name: string) => join(house.home, name);
const backup = (out: string, ...more: string[]) =>
  gavel(['dms-backup', '--home', house.home, '--out', at(out), ...more], WITH);
const restore = (from: string, home = house.home, env: Record<string, string> = WITH) =>
  gavel(['dms-restore', '--home', home, '--from', at(from)], env);
const told = ({ out }: Ending) => JSON.parse(out);

async function bid(): Promise<number> {
  amount += 10;
  const answer = await bidder.bid({ lot, amount: amount as Amount });
  if (answer.outcome !== 'accepted') throw new Error(answer.reason);
  return answer.position;
}

/** As if the machine with the DMS had burnt down. */
async function loseEverything(): Promise<void> {
  await dms?.kill();
  dms = undefined;
  renameSync(at('dms'), at('burnt'));
}

const witnessed = (size: number) =>
  until('the witness', async () => (await house.operator.witnessed(house.house)).size >= size);

describe('a backup of a DMS', () => {
  it('is made while bids come in, has all that was acknowledged before it, and nothing stands still', {
    timeout: 60_000,
  }, async () => {
    const positions: number[] = [];
    let isOver = false;
    const bidding = (async () => {
      while (!isOver) positions.push(await bid());
    })();
    await until('some bids', () => positions.length > 20);
    const before = positions.at(-1)!;
    const made = await backup('backup');
    const after = positions.at(-1)!;
    isOver = true;
    await bidding;
    expect(made).toMatchObject({ code: 0 });
    const { position } = told(made);
    expect(told(made)).toEqual({
      backup: at('backup'),
      bytes: statSync(at('backup')).size,
      encrypted: true,
      madeAt: expect.any(Number),
      house: house.house,
      position,
    });
    expect(position).toBeGreaterThanOrEqual(before);
    expect(after).toBeGreaterThan(before);
    expect(statSync(at('backup')).mode & 0o777).toBe(0o600);
    for (const secret of ['PRIVATE KEY', 'SQLite format'])
      expect(readFileSync(at('backup')).includes(secret)).toBe(false);

    expect(await restore('backup', at('elsewhere'))).toMatchObject({ code: 0 });
    const records = readJournal(join(at('elsewhere'), 'dms', 'journal.sqlite'));
    expect(records).toEqual(readJournal(house.journalFile).slice(0, position));
    expect(readdirSync(house.home).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('brings the house back on another disk, if nothing was recorded after it: same house, same node, same bids', {
    timeout: 60_000,
  }, async () => {
    const last = await bid();
    const key = readFileSync(at('dms/node-key.pem'), 'utf8');
    expect(await backup('backup')).toMatchObject({ code: 0 });
    await loseEverything();
    const restored = await restore('backup');
    expect(restored.err).toContain(`with ${last} records`);
    expect(told(restored)).toMatchObject({ house: house.house, position: last, restored: at('dms') });
    expect(readFileSync(at('dms/node-key.pem'), 'utf8')).toBe(key);
    expect(statSync(at('dms')).mode & 0o777).toBe(0o700);
    const known = house.house;
    dms = await DmsProcess.start(house);
    expect(house.house).toBe(known);
    expect(await bid()).toBe(last + 1);
  });

  it('does not make another history: if the witness has seen more, the DMS says so and does not start', {
    timeout: 60_000,
  }, async () => {
    await bid();
    expect(await backup('backup')).toMatchObject({ code: 0 });
    await witnessed(await bid());
    await loseEverything();
    expect(await restore('backup')).toMatchObject({ code: 0 });
    expect(await refusalOf(house.startDms())).toBe('journal-behind');
  });
});

describe('what is no good for a backup or a restore', () => {
  it('is refused, with an exit code that tells why, and changes nothing', { timeout: 60_000 }, async () => {
    expect(await backup('backup')).toMatchObject({ code: 0 });
    const inside = await gavel(['dms-backup', '--home', house.home, '--out', at('dms/backup')], WITH);
    const unprotected = await gavel(['dms-backup', '--home', house.home, '--out', at('open')], {});
    const ofNobody = await gavel(['dms-backup', '--home', at('nobody'), '--out', at('other')], WITH);
    const onServer = await backup('other', '--journal', 'postgres://db.example/gavel');
    expect([inside, unprotected, ofNobody, onServer, await backup('backup')].map(({ code }) => code)).toEqual([
      2, 2, 2, 2, 2,
    ]);
    const running = await restore('backup');
    expect([running.code, running.err.includes('A DMS works with')]).toEqual([2, true]);
    expect(await restore('backup', at('new'), {})).toMatchObject({ code: 4 });
    expect(await restore('backup', at('new'), { GAVEL_BACKUP_PASSPHRASE: 'another one' })).toMatchObject({ code: 4 });
    const ofService = await gavel(['backup', '--home', house.home, '--out', at('service')], WITH);
    expect([ofService.code, (await restore('service', at('new'))).code]).toEqual([0, 6]);
    expect((await gavel(['restore', '--home', at('new'), '--from', at('backup')], WITH)).code).toBe(6);
    const bytes = readFileSync(at('backup'));
    bytes[bytes.length >> 1]! ^= 1;
    writeFileSync(at('flipped'), bytes);
    expect(await restore('flipped', at('new'))).toMatchObject({ code: 6 });
    mkdirSync(at('new'), { recursive: true });
    expect(readdirSync(at('new'))).toEqual([]);
  });

  it('is a journal that is damaged: it is found at the backup, and not years later', { timeout: 60_000 }, async () => {
    for (let n = 0; n < 3; n++) await bid();
    await dms!.stop();
    const bytes = readFileSync(house.journalFile);
    const statement = bytes.lastIndexOf('"statement":"');
    bytes[statement + 20]! ^= 1;
    writeFileSync(house.journalFile, bytes);
    const made = await backup('backup');
    expect(made.err).toContain('journal-damaged');
    expect(made.code).toBe(1);
    rmSync(at('backup'), { force: true });
    expect(readdirSync(house.home).filter((name) => name.startsWith('.gavel-backup'))).toEqual([]);
  });
});
