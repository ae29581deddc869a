/** What a run of the workload says, figure by figure. Nothing is asked of any; each load stands beside a house that is hardly asked for anything. */
import { LOADS, SIZES, type SizeName } from '../../client/bots/workload/sizes.ts';
import { against, compared, type Figure, judged } from '../report.ts';
import { addUp, median, percentile } from '../statistics.ts';
import { MIXES, type MixName, type MixRun, QUIET, type WorkloadRun } from './run.ts';
import type { Turn } from './turn.ts';

const MEGABYTE = 1_048_576;
const QUIETLY = `${QUIET * 100} % load`;

/** Of each load. */
const MEASURES = ['accepted', 'p50', 'p99', 'p999', 'lag', 'disclosure', 'cpu'] as const;

/** The names of all figures of a mix. */
function namesOf(size: SizeName, mix: MixName): string[] {
  const front = `${size.toLowerCase()}-${mix}`;
  const loads = LOADS.flatMap((load) => MEASURES.map((measure) => `${front}-${percent(load)}-${measure}`));
  return [`${front}-saturation`, ...loads, `${front}-burst`];
}

const MIX_NAMES: readonly MixName[] = ['broker', 'auctionmark'];

export function figureNames(size: SizeName): string[] {
  const front = size.toLowerCase();
  return [...MIX_NAMES.flatMap((mix) => namesOf(size, mix)), `${front}-memory`, `${front}-audit`];
}

/** The mixes of which a figure is wanted; all, where a figure of the whole is. */
export function wantedMixes(size: SizeName, isWanted: (name: string) => boolean): MixName[] {
  const wanted = MIX_NAMES.filter((mix) => namesOf(size, mix).some(isWanted));
  return wanted.length === 0 ? [...MIX_NAMES] : wanted;
}

export function figuresOf(run: WorkloadRun): Figure[] {
  const { size, mixes, audit, emptyBytes, endBytes } = run;
  const front = size.toLowerCase();
  const { connections, lots } = SIZES[size];
  const memory = against(
    { name: `${front}-memory`, value: endBytes / MEGABYTE, unit: 'MB' },
    'the empty house',
    emptyBytes / MEGABYTE,
  );
  const held = `${connections} connections, ${audit.lots} lots (${lots} open at a time), ${audit.records} records`;
  const audited = against(
    { name: `${front}-audit`, value: audit.records, unit: 'records' },
    'positions acknowledged',
    audit.acknowledged,
  );
  const heard = `${audit.lots} lots, ${audit.sold} sold, each to the greatest bid, nothing accepted after its closing, disclosed to its two parties and nobody else; ${audit.heard} announcements as the journal has them`;
  return [
    ...mixes.flatMap((mix) => figuresOfMix(front, mix, `at the end of the run: ${heard}`)),
    { ...judged(memory), note: `of the node, resident at the end: ${held}` },
    { ...judged(audited), note: heard },
  ];
}

function figuresOfMix(front: string, run: MixRun, ending: string): Figure[] {
  const { mix, saturation, perSecond } = run;
  const name = `${front}-${mix}`;
  const accepted = saturation.accepted / saturation.seconds;
  return [
    {
      ...judged(
        against({ name: `${name}-saturation`, value: perSecond, unit: '1/s' }, 'bids accepted of them', accepted),
      ),
      note: `${mixWords(mix)}; ${othersOf([saturation])}; ${usedBy([saturation])}; ${ending}`,
    },
    ...LOADS.flatMap((load) => figuresOfLoad(`${name}-${percent(load)}`, run, load)),
    ...burstOf(name, run),
  ];
}

type Unjudged = Omit<Figure, 'target' | 'holds'>;

function figuresOfLoad(name: string, { turns, disclosed }: MixRun, load: number): Figure[] {
  const [taken, quiet] = [turns.get(load) ?? [], turns.get(QUIET) ?? []];
  const beside = (measure: string, unit: string, measureOf: (turn: Turn) => number | undefined) =>
    besideQuiet(`${name}-${measure}`, unit, [taken, quiet], measureOf);
  const answer = (share: number) => (turn: Turn) => of(turn.answerMs, share);
  const accepted = compared({
    ...{ name: `${name}-accepted`, unit: '1/s', values: taken.map(({ accepted: some, seconds }) => some / seconds) },
    ...{ yardstick: 'bids sent', besides: taken.map(({ bids, seconds }) => bids / seconds) },
  });
  const operations = median(taken.map((turn) => turn.operations / turn.seconds)).toFixed(0);
  const loads = `${operations} operations a second; ${othersOf(taken)}; ${usedBy(taken)}`;
  const figures: (Unjudged | undefined)[] = [
    { ...accepted, note: `${accepted.note}; ${loads}` },
    beside('p50', 'ms', answer(0.5)),
    beside('p99', 'ms', answer(0.99)),
    beside('p999', 'ms', answer(0.999)),
    beside('lag', 'ms p99', ({ lagMs }) => of(lagMs, 0.99)),
    disclosureOf(`${name}-disclosure`, disclosed(taken)),
    beside('cpu', 'ms', (turn) => (turn.accepted === 0 ? undefined : (1_000 * turn.used.node) / turn.accepted)),
  ];
  return figures.filter((figure) => figure !== undefined).map((figure) => judged(figure));
}

/** From rounds in which there was something to measure on both sides; without any there is no figure. */
function besideQuiet(
  name: string,
  unit: string,
  [taken, quiet]: readonly [readonly Turn[], readonly Turn[]],
  measureOf: (turn: Turn) => number | undefined,
): Unjudged | undefined {
  const pairs = taken.flatMap((turn, round) => {
    const [value, beside] = [measureOf(turn), quiet[round] && measureOf(quiet[round])];
    return value === undefined || beside === undefined ? [] : [[value, beside] as const];
  });
  if (pairs.length === 0) return undefined;
  const [values, besides] = [pairs.map(([value]) => value), pairs.map(([, beside]) => beside)];
  const figure = compared({ name, unit, values, yardstick: QUIETLY, besides });
  return { ...figure, note: `${figure.note}; ${values.map((value) => value.toPrecision(3)).join(', ')}` };
}

/** Few lots close in a turn: all turns together. */
function disclosureOf(name: string, { toParties, toAll }: ReturnType<MixRun['disclosed']>): Unjudged | undefined {
  const [value, beside] = [of(toParties, 0.99), of(toAll, 0.99)];
  if (value === undefined || beside === undefined) return undefined;
  const note = `p99 of ${toParties.length} notices to parties who were there, of ${toAll.length} lots that closed; p50 ${of(toParties, 0.5)?.toFixed(0)} ms`;
  return { ...against({ name, value, unit: 'ms p99' }, 'announced to all', beside), note };
}

function burstOf(name: string, { burst: { toParties, toAll } }: MixRun): Figure[] {
  if (toParties.length === 0 || toAll.length === 0) return [];
  const measured = { name: `${name}-burst`, value: Math.max(...toParties), unit: 'ms' };
  const figure = against(measured, 'the last announced to all', Math.max(...toAll));
  const first = Math.min(...toParties).toFixed(0);
  return [
    {
      ...judged(figure),
      note: `the last of ${toParties.length} notices to parties who were there, of ${toAll.length} lots with one closing instant, at half of the saturation; the first after ${first} ms, p99 ${of(toParties, 0.99)?.toFixed(0)} ms`,
    },
  ];
}

function of(values: readonly number[], share: number): number | undefined {
  return values.length === 0 ? undefined : percentile(values, share);
}

function percent(load: number): string {
  return String(Math.round(load * 100));
}

function mixWords(mix: MixName): string {
  const { bid, allitems, myitems } = MIXES[mix];
  const all = bid + allitems + myitems;
  const parts = Object.entries({ bid, allitems, myitems }).map(([word, part]) => `${word} ${percent(part / all)} %`);
  return `${parts.join(', ')}, lots listed as others close`;
}

/** What was not accepted, by reason, the most frequent first. */
export function othersOf(turns: readonly Turn[]): string {
  const sums = Object.entries(addUp(turns.map(({ others }) => others)));
  const sum = (numberOf: (turn: Turn) => number) => turns.reduce((total, turn) => total + numberOf(turn), 0);
  const parts = sums.toSorted(([, one], [, other]) => other - one).map(([why, many]) => `${why} ${many}`);
  const accepted = `${sum((turn) => turn.accepted)} of ${sum(({ bids }) => bids)} bids accepted`;
  const ended = sum((turn) => turn.ended.length);
  return [accepted, ...parts, ...(ended === 0 ? [] : [`sessions ended by the house ${ended}`])].join(', ');
}

/** Of cores. */
function usedBy(turns: readonly Turn[]): string {
  const share = (who: keyof Turn['used']) =>
    `${Math.round(100 * median(turns.map(({ used, seconds }) => used[who] / seconds)))} %`;
  const late = median(turns.map(({ lateMs }) => of(lateMs, 0.99) ?? 0)).toFixed(1);
  return `of a core: node ${share('node')}, Trusted Service ${share('service')}, participants ${share('participants')}, the bench itself ${share('bench')}; begun late by (p99) ${late} ms`;
}
