/** One seed, from its first lot to the last notice. */
import { createRandom } from '../../client/bots/workload/random.ts';
import type { Finding } from './auditor.ts';
import { Driver } from './driver.ts';
import type { Plant } from './plant.ts';
import type { Profile } from './profile.ts';
import { Scheduler } from './scheduler.ts';
import { Trace } from './trace.ts';
import { useVirtualTimers } from './virtual-timers.ts';
import { World } from './world.ts';

export interface Simulated {
  readonly seed: string;
  readonly finding: Finding | undefined;
  readonly profile: Profile;
  readonly auctions: number;
  readonly records: number;
  readonly steps: number;
  /** Milliseconds of virtual time. */
  readonly lasted: number;
  readonly answers: ReadonlyMap<string, number>;
  readonly count: ReadonlyMap<string, number>;
  /** Of everything that happened. */
  readonly digest: string;
}

export interface Wishes {
  readonly plant?: Plant;
  /** Takes the trace, line by line. */
  readonly print?: (line: string) => void;
}

/** How long the house may need to bring everything to its end when nothing goes wrong any more. */
const END_MS = 5 * 60_000;
/** No town lives so long. */
const MAX_STEPS = 3_000_000;

export async function simulate(seed: string, { plant, print }: Wishes = {}): Promise<Simulated> {
  const random = createRandom(seed);
  const scheduler = new Scheduler();
  const trace = new Trace(() => `${scheduler.steps} ${scheduler.now}`, print);
  const world = new World({ scheduler, random, trace }, plant);
  trace.add(`seed ${seed} ${JSON.stringify(world.profile)}`);
  const restore = useVirtualTimers(scheduler, random);
  try {
    await play(world);
  } finally {
    restore();
  }
  const { auditor, profile, count } = world;
  return {
    ...{ seed, finding: auditor.finding, profile, count, answers: auditor.answers },
    auctions: [...auditor.truth.lots.values()].filter(({ closed }) => closed !== undefined).length,
    records: auditor.truth.position,
    steps: scheduler.steps,
    lasted: scheduler.now,
    digest: trace.digest(),
  };
}

async function play(world: World): Promise<void> {
  const { scheduler, auditor, profile, authority } = world;
  const driver = new Driver(world);
  world.start();
  driver.start();
  const isFound = () => auditor.finding !== undefined || scheduler.steps > MAX_STEPS;
  // A clock that is set back can keep a lot open very long: what is not closed by then is closed below.
  const longest = (20 + (7 * profile.lots) / profile.openLots) * profile.dayMs;
  await scheduler.run(() => isFound() || driver.isOver || scheduler.now > longest);
  world.calm();
  const settled = scheduler.now + END_MS;
  await scheduler.run(() => isFound() || scheduler.now > settled || world.guests.every(({ waiting }) => waiting === 0));
  const closings = [...auditor.truth.lots.values()].map(({ terms, bids }) => bids.at(-1)?.closesAt ?? terms.closesAt);
  authority.moveClock(Math.max(0, Math.max(0, ...closings) - authority.now()));
  const ended = scheduler.now + END_MS + 3 * (profile.closingsMs + profile.timeMs + profile.witnessMs);
  await scheduler.run(() => isFound() || scheduler.now > ended || (scheduler.steps % 100 === 0 && isComplete(world)));
  const missing = auditor.missing(world.guests);
  auditor.demand(missing === undefined, 'everything comes to its end', missing ?? '');
  for (const { house, name } of world.lives) {
    if (house !== undefined) auditor.demandFold(house, world.disk.records, name);
  }
}

function isComplete({ auditor, guests, lives }: World): boolean {
  return auditor.missing(guests) === undefined && lives.every(({ isOpen }) => isOpen);
}
