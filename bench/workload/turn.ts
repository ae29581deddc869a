/** A while under one load: what was asked and answered in it, what was heard, and what the house used. */
import type { AuctionMark, Mix } from '../../client/bots/workload/auction-mark.ts';
import { delay } from '../../client/connection/back-off.ts';
import { CLOSING_GRACE_MS } from '../../shared/wire/limits.ts';
import { machineNow } from '../machine-now.ts';
import { usageOf } from '../process-usage.ts';
import { addUp } from '../statistics.ts';
import type { Carried } from './crowd.ts';
import type { LotBoard } from './lot-board.ts';
import type { Collected } from './messages.ts';
import type { Notices } from './notices.ts';
import { lastHeardOf } from './slowest-ear.ts';
import type { Stage } from './stage.ts';

export interface Turn {
  readonly seconds: number;
  /** Operations, and the bids among them. */
  readonly operations: number;
  readonly bids: number;
  readonly accepted: number;
  /** Of other bids and of questions: why not, each with how many. */
  readonly others: Readonly<Record<string, number>>;
  /** Of every operation that was answered, from the moment at which it was due. */
  readonly answerMs: readonly number[];
  /** How much later than it was due each was begun. */
  readonly lateMs: readonly number[];
  /** Of accepted bids, from the answer until the last connection had heard of it. */
  readonly lagMs: readonly number[];
  /** The part of the trusted time that it took. */
  readonly window: Window;
  readonly used: Used;
  readonly residentBytes: number;
  readonly ended: readonly string[];
}

/** Seconds of processor time; the bench itself draws and tells. */
type Used = Readonly<Record<'node' | 'service' | 'participants' | 'bench', number>>;

/** In trusted time, from the first to before the second. */
export interface Window {
  readonly since: number;
  readonly until: number;
}

/** From the closing instants of lots and the grace after them. */
export interface Disclosed {
  /** To the notice of each party that was there; of sales alone. */
  readonly toParties: readonly number[];
  /** To the announcement to everybody. */
  readonly toAll: readonly number[];
}

export interface TurnWish {
  readonly mark: AuctionMark;
  readonly mix: Mix;
  /** Operations a second; without it as many as are answered, so many under way. */
  readonly perSecond?: number;
  readonly underWay?: number;
  /** Before it counts, and how long it counts. */
  readonly settleMs: number;
  readonly ms: number;
  readonly signal: AbortSignal;
}

export async function takeTurn(stage: Stage, wish: TurnWish): Promise<Turn> {
  const { crowd, board } = stage;
  const carried: Carried[] = [];
  crowd.onCarried = (one) => carried.push(one);
  const over = new AbortController();
  const work = operate(stage, wish, AbortSignal.any([over.signal, wish.signal]));
  await delay(wish.settleMs, wish.signal);
  const [from, since, before] = [machineNow(), board.now(), usedBy(stage)];
  await delay(wish.ms, wish.signal);
  const [to, until, used] = [machineNow(), board.now(), usedBy(stage, before)];
  over.abort();
  await work;
  const answered = await collectAll(stage, carried);
  const inTime = carried.filter(({ due }) => due >= from && due < to);
  return {
    seconds: (to - from) / 1_000,
    ...tally(inTime),
    lagMs: lagsOf(inTime, answered),
    window: { since, until },
    used,
    residentBytes: usageOf(stage.node.child.pid).residentBytes,
    ended: answered.flatMap(({ ended }) => ended),
  };
}

/** When everything is answered, and everybody has heard of it. */
async function collectAll({ crowd, noticed }: Stage, carried: readonly Carried[]): Promise<Collected[]> {
  const signal = AbortSignal.timeout(ANSWERED_LIMIT_MS);
  while (crowd.underWay > 0 && !signal.aborted) await delay(LOOK_MS, signal);
  const last = carried.reduce((most, { outcome }) => Math.max(most, outcome.position ?? 0), 0);
  const collected = await crowd.collect(last);
  noticed.add(collected);
  return collected;
}

const ANSWERED_LIMIT_MS = 90_000;
const LOOK_MS = 20;

async function operate({ director }: Stage, wish: TurnWish, signal: AbortSignal): Promise<void> {
  const { mark, mix, perSecond, underWay = 1 } = wish;
  if (perSecond === undefined) await director.saturate({ mark, mix, signal, underWay });
  // What the mix has of listings comes by itself, and is not among the moments that count.
  else await director.operate({ mark, mix, signal, perSecond: perSecond / (1 - mix.list) });
}

/** Since `before`; without it since they began. */
function usedBy({ node, authority, crowd }: Stage, before?: Used): Used {
  const secondsOf = (who: keyof Used, ...pids: readonly number[]) =>
    pids.reduce((sum, pid) => sum + usageOf(pid).cpuSeconds, 0) - (before?.[who] ?? 0);
  return {
    node: secondsOf('node', node.child.pid),
    service: secondsOf('service', authority.child.pid),
    participants: secondsOf('participants', ...crowd.pids),
    bench: secondsOf('bench', process.pid),
  };
}

type Counts = Pick<Turn, 'operations' | 'bids' | 'accepted' | 'others' | 'answerMs' | 'lateMs'>;

/** What became of operations; listings are none of them. */
export function tally(all: readonly Carried[]): Counts {
  const operations = all.filter(({ kind, outcome }) => kind !== 'list' && outcome.outcome !== 'absent');
  const bids = operations.filter(({ kind }) => kind === 'bid');
  const others = operations.filter(({ outcome: { outcome } }) => outcome !== 'accepted' && outcome !== 'answered');
  return {
    operations: operations.length,
    bids: bids.length,
    accepted: bids.filter(({ outcome }) => outcome.outcome === 'accepted').length,
    others: addUp(others.map(({ outcome: { reason, outcome } }) => ({ [reason ?? outcome]: 1 }))),
    answerMs: operations.map(({ due, answeredAt }) => answeredAt - due),
    lateMs: operations.map(({ lateMs }) => lateMs),
  };
}

/** From the answer to each accepted bid until the slowest had heard of it. */
export function lagsOf(all: readonly Carried[], heard: readonly Pick<Collected, 'ticks'>[]): number[] {
  const ticks = heard.map((one) => one.ticks);
  return all.flatMap(({ kind, outcome: { outcome, position }, answeredAt }) => {
    if (kind !== 'bid' || outcome !== 'accepted' || position === undefined) return [];
    const last = lastHeardOf(ticks, position);
    return last === undefined ? [] : [last - answeredAt];
  });
}

/** Of lots whose closing, with the grace, was in one of these parts of the trusted time. */
export function disclosedOf(
  { board, noticed }: { readonly board: Pick<LotBoard, 'all' | 'find'>; readonly noticed: Notices },
  windows: readonly Window[],
): Disclosed {
  const isIn = ({ closesAt }: { readonly closesAt: number }) => {
    const end = closesAt + CLOSING_GRACE_MS;
    return windows.some(({ since, until }) => end >= since && end < until);
  };
  const toParties = noticed.all().flatMap(({ lot: id, at, enteredAt }) => {
    const lot = board.find(id);
    if (lot?.closed?.isSold !== true || !isIn(lot)) return [];
    const end = lot.closesAt + CLOSING_GRACE_MS;
    // Who was not there at that moment hears of it later.
    return enteredAt > end ? [] : [at - end];
  });
  const toAll = board
    .all()
    .flatMap((lot) =>
      lot.closed === undefined || !isIn(lot) ? [] : [lot.closed.at - lot.closesAt - CLOSING_GRACE_MS],
    );
  return { toParties, toAll };
}
