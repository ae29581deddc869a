/** A disk that fails under a running DMS: nothing is acknowledged that is not on it, the process stops and says why. */
import { spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AuctionClient } from '../../client/auction-client.ts';
import type { CommandResult } from '../../client/client-options.ts';
import type { Amount, CommandId, LotId } from '../../shared/wire/vocabulary.ts';
import { DmsProcess } from '../support/dms-process.ts';
import { readJournal } from '../support/journal-records.ts';
import { RunningHouse } from '../support/running-house.ts';
import { until } from '../support/until.ts';

/** Attaching to a process that is not our child needs more rights than tracing one that is. */
const isTraceable = (() => {
  const sleeper = spawn('sleep', ['10'], { stdio: 'ignore' });
  const tried = spawnSync('timeout', ['-s', 'INT', '2', 'strace', '-p', String(sleeper.pid)], { encoding: 'utf8' });
  sleeper.kill();
  return `${tried.stderr}`.includes('attached');
})();
if (!isTraceable)
  process.stderr.write('SKIPPED: failing-disk.test.ts needs an `strace` that may attach to a running process.\n');

let house: RunningHouse;
let dms: DmsProcess;
let bidder: AuctionClient;
let lot: LotId;
beforeEach(async () => {
  house = await RunningHouse.start({ withoutDms: true });
  dms = await DmsProcess.start(house);
  const seller = await house.enrolled('sue');
  const listed = await seller.list(house.terms({ closesAt: Math.round(house.now()) + 3_600_000 }));
  if (listed.outcome !== 'accepted') throw new Error(listed.reason);
  lot = listed.lot;
  bidder = await house.enrolled('bob');
});
afterEach(async () => {
  await dms.kill();
  await house.close();
});

const bid = (amount: number) => {
  const id = randomUUID() as CommandId;
  return { id, answer: bidder.bid({ lot, amount: amount as Amount, id }) };
};

/** From now on every one of these calls of the DMS fails. Resolves when that is so. */
async function failFromNowOn(calls: string, error: string): Promise<void> {
  const options = ['-f', '-p', String(dms.pid), '-e', `trace=${calls}`, '-e', `inject=${calls}:error=${error}`];
  const strace = spawn('strace', options, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  strace.stderr.on('data', (chunk) => {
    said += chunk;
  });
  await until('strace to be attached', () => said.includes('attached'));
  strace.once('exit', () => strace.stderr.destroy());
  void once(strace, 'exit');
}

const isBid = (id: string) => (record: { id: string }) => record.id === id;

describe.skipIf(!isTraceable)('a DMS whose disk fails', () => {
  it.each([
    ['is full', 'pwrite64', 'ENOSPC', /full|I\/O/],
    ['can not sync', 'fsync,fdatasync', 'EIO', /I\/O/],
  ])(
    'because it %s stops, has told nobody a yes, and goes on when it is started again',
    { timeout: 60_000 },
    async (_why, calls, error, reason) => {
      expect(await bid(100).answer).toMatchObject({ outcome: 'accepted' });
      await failFromNowOn(calls, error);
      const lost = bid(200);
      const answers: CommandResult[] = [];
      void lost.answer.then((answer) => answers.push(answer));

      expect(await dms.end()).toBe(1);
      expect(answers).toEqual([]);
      const last = JSON.parse(dms.log.trim().split('\n').at(-1)!);
      expect(last).toMatchObject({ level: 60, event: 'failed', err: { type: 'JournalFailed' } });
      expect(last.err.message).toMatch(reason);
      const before = readJournal(house.journalFile);
      expect(before.filter((record) => record.public.kind === 'bid' && record.public.amount === 100)).toHaveLength(1);

      dms = await DmsProcess.start(house);
      // The client repeats what was not answered, with the same id: whether the disk had it or not, it is there once.
      expect(await lost.answer).toMatchObject({ outcome: 'accepted' });
      expect(await bid(300).answer).toMatchObject({ outcome: 'accepted' });
      expect(await dms.stop()).toBe(0);
      expect(readJournal(house.journalFile).filter(isBid(lost.id))).toHaveLength(1);
    },
  );
});
