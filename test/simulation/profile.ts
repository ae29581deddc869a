/** What kind of town a seed makes: how many nodes, guests and lots, how long a day is, and how much goes wrong. */
import type { Random } from '../../client/bots/workload/random.ts';
import { TOKEN_LIFE_MS } from '../../shared/wire/limits.ts';

export interface Profile {
  readonly nodes: number;
  /** The journal is on another machine: it can be away, and other nodes append to it. */
  readonly isShared: boolean;
  readonly guests: number;
  /** Lots that are open at the same time, and in all. */
  readonly openLots: number;
  readonly lots: number;
  /** Bids for each lot, about. */
  readonly bidsPerLot: number;
  /** A day of the workload: 12 s of a quick town, or a whole one. */
  readonly dayMs: number;
  /** How often a node asks for the time, and looks for lots that are due. */
  readonly timeMs: number;
  readonly closingsMs: number;
  /** The longest that a sync of the disk usually takes. */
  readonly syncMs: number;
  /** The longest that reading usually takes: how far a node is behind the other one. */
  readonly readMs: number;
  /** Share of wake-ups that come through. */
  readonly woken: number;
  /** Share of syncs that fail for good. */
  readonly diskFailure: number;
  /** Share of the moments at which a node can crash. */
  readonly crash: number;
  /** Share of messages that are lost, and that come twice. */
  readonly lost: number;
  readonly twice: number;
  /** Means of the pauses between two outages of each kind, in days; 0: never. */
  readonly serviceOutage: number;
  readonly journalOutage: number;
  readonly clockStep: number;
  readonly disconnect: number;
  readonly restart: number;
  readonly revocation: number;
  /** How long papers are good. */
  readonly tokenMs: number;
  readonly certificateMs: number;
  /** Share of sessions that go on with new papers before the old ones end. */
  readonly renewing: number;
  /** How often a node asks for the revocation list, and looks for sessions that are over. */
  readonly revocationsMs: number;
  readonly sweepMs: number;
  /** How often the witness is shown what is new. */
  readonly witnessMs: number;
}

export const QUICK_DAY_MS = 12_000;
const WHOLE_DAY_MS = 86_400_000;

type Pace = Pick<
  Profile,
  'dayMs' | 'closingsMs' | 'tokenMs' | 'certificateMs' | 'renewing' | 'revocationsMs' | 'sweepMs' | 'witnessMs'
>;
const QUICK: Pace = {
  dayMs: QUICK_DAY_MS,
  closingsMs: 100,
  tokenMs: 60_000,
  certificateMs: 300_000,
  renewing: 0.7,
  revocationsMs: 1_500,
  sweepMs: 250,
  witnessMs: 20_000,
};
/** Where days pass, a session is most often over when somebody comes to use it: it ends after half an hour. */
const LONG: Pace = {
  dayMs: WHOLE_DAY_MS,
  closingsMs: 120_000,
  tokenMs: TOKEN_LIFE_MS,
  certificateMs: 12 * WHOLE_DAY_MS,
  renewing: 0.1,
  revocationsMs: WHOLE_DAY_MS / 8,
  sweepMs: WHOLE_DAY_MS,
  witnessMs: WHOLE_DAY_MS / 2,
};

/** The same as if everybody always renewed in time: papers outlast the sessions, which so come to their own end. */
const LASTING: Pace = { ...LONG, tokenMs: 5 * WHOLE_DAY_MS, renewing: 0 };

/** One town in five has no trouble at all, and so shows best what is wrong with the rules. */
export function drawProfile(random: Random): Profile {
  const isLong = random.chance(0.25);
  const isShared = !isLong && random.chance(0.4);
  const isCalm = random.chance(0.2);
  const sometimes = (share: number, value: number) => (!isCalm && random.chance(share) ? value : 0);
  return {
    isShared,
    nodes: isShared && random.chance(0.7) ? 2 : 1,
    guests: 4 + random.below(6),
    openLots: 3 + random.below(6),
    lots: isLong ? 10 + random.below(10) : 20 + random.below(30),
    bidsPerLot: 3 + random.below(8),
    timeMs: isLong ? 240_000 : random.chance(0.5) ? 200 : 5_000,
    syncMs: [0, 3, 20, 200][random.below(4)]!,
    readMs: isShared ? [1, 10, 100, 400][random.below(4)]! : 1,
    woken: [0.9, 0.5, 0][random.below(3)]!,
    diskFailure: isShared ? 0 : sometimes(0.3, 0.002),
    crash: sometimes(0.7, 0.002 + 0.02 * random.next()),
    lost: sometimes(0.7, 0.05 * random.next()),
    twice: sometimes(0.5, 0.05 * random.next()),
    serviceOutage: sometimes(0.5, 1 + 4 * random.next()),
    journalOutage: isShared ? sometimes(0.5, 1 + 4 * random.next()) : 0,
    clockStep: sometimes(0.4, 4 + 10 * random.next()),
    disconnect: sometimes(0.8, 0.5 + 2 * random.next()),
    restart: sometimes(0.5, 2 + 6 * random.next()),
    revocation: sometimes(0.7, 0.5 + 2 * random.next()),
    ...paceOf(isLong, random),
  };
}

function paceOf(isLong: boolean, random: Random): Pace {
  if (!isLong) return QUICK;
  return random.chance(0.5) ? LASTING : LONG;
}
