/**
 * The service is killed with SIGKILL at the n-th time that it asks the kernel to write, flush or rename, and started
 * anew on what it left. Every n takes minutes: GAVEL_EVERY_KILL=1. Without it, some of them.
 */
import { rmSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { ProtocolError } from '../../../shared/errors.ts';
import { refusalOf } from '../../support/refusal.ts';
import { soon } from '../../support/until.ts';
import { testFolder } from '../test-folder.ts';
import { Diary, demandWholeJournal } from './diary.ts';
import { CAN_TRACE, type Death, MortalService } from './mortal-service.ts';

const EVERY = process.env['GAVEL_EVERY_KILL'] === '1';
/** More than there are in one life. */
const MOST_CALLS = 400;
const ROUNDS = 2;
const PATIENCE_MS = EVERY ? 3_600_000 : 600_000;

const at = testFolder();
const services: MortalService[] = [];
afterEach(async () => {
  for (const service of services.splice(0)) await service.kill();
});
async function start(home: string, death?: Death): Promise<MortalService | undefined> {
  const service = await MortalService.start(home, death);
  if (service !== undefined) services.push(service);
  return service;
}
async function startWhole(home: string): Promise<MortalService> {
  const service = await start(home);
  if (service === undefined) throw new Error('the service did not start on what a killed one left');
  return service;
}

/** Calls `live` with death at n, for n = 1 and every `step` later one, until one life does not come to its n-th call. */
async function deaths(call: string, step: number, live: (death: Death) => Promise<'killed' | 'survived'>) {
  let killed = 0;
  for (let nth = 1; nth < MOST_CALLS; nth += EVERY ? 1 : step) {
    if ((await live({ call, nth })) === 'survived') return killed;
    killed += 1;
  }
  throw new Error('a life has no end');
}

/** A life in which everything is used, until it ends. */
async function useUntil(death: Death, home: string, diary: Diary): Promise<'killed' | 'survived'> {
  const service = await start(home, death);
  if (service === undefined) return 'killed';
  try {
    await diary.replay(service);
    for (let round = 0; round < ROUNDS; round++) await diary.useAll(service);
  } catch (error) {
    if (!isCutOff(error)) throw error;
    await soon('the end of who was killed', service.gone());
    return 'killed';
  }
  await service.kill();
  return 'survived';
}

/** Nobody is there any more who could answer. */
function isCutOff(error: unknown): boolean {
  return error instanceof ProtocolError ? error.code === 'trusted-service-unreachable' : error instanceof TypeError;
}

const WRITES = [
  ['pwrite64', 11],
  ['fsync', 4],
] as const;

/** A first start writes more, and each death takes two starts. */
const FIRST_WRITES = [
  ['pwrite64', 24],
  ['fsync', 8],
  ['rename', 4],
] as const;

describe.skipIf(!CAN_TRACE)('a service that is killed at a write (skipped where strace can trace nothing)', () => {
  it.each(WRITES)(
    'under load, at %s, goes on without a loss, a repetition or a step back',
    async (call, step) => {
      const [home, diary] = [at(`load-${call}`), new Diary()];
      await (await startWhole(home)).kill();
      const killed = await deaths(call, step, (death) => useUntil(death, home, diary));
      const last = await startWhole(home);
      await diary.useAll(last);
      await diary.demandNothingLost(last, home);
      expect(killed).toBeGreaterThan(EVERY ? 8 : 2);
      expect(diary.size).toBeGreaterThan(2);
      if (EVERY) process.stdout.write(`killed at ${killed} calls of ${call} under load\n`);
    },
    PATIENCE_MS,
  );

  it.each(FIRST_WRITES)(
    'at its first start, at %s, starts again on what is there',
    async (call, step) => {
      const killed = await deaths(call, step, async (death) => {
        const home = at('first');
        rmSync(home, { recursive: true, force: true });
        const first = await start(home, death);
        // Killed at the end of its start it may have listened already.
        const survived = first !== undefined && (await refusalOf(first.client.keySet())) === undefined;
        await first?.kill();
        const [service, diary] = [await startWhole(home), new Diary()];
        await diary.useAll(service);
        await diary.demandNothingLost(service, home);
        await demandWholeJournal(home);
        await service.kill();
        return survived ? 'survived' : 'killed';
      });
      expect(killed).toBeGreaterThan(2);
      if (EVERY) process.stdout.write(`killed at ${killed} calls of ${call} at the first start\n`);
    },
    PATIENCE_MS,
  );
});
