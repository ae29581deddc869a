/** The first row: who, where, whether it is live, and by which clock. And the loud one below it when the house is away. */
import { cellsOf } from '../prompt/graphemes.ts';
import { cutRow, rowCells, span, spread } from './cells.ts';
import type { Row, Span } from './frame.ts';
import { clockTime, roughly } from './lot-words.ts';
import type { Moment, ScreenState } from './screen-state.ts';

const GAP = '   ';
const SUBJECT_CELLS = 6;

/** Parts that do not fit are left out, the least important first. */
export function statusRow(state: ScreenState): Row {
  const { columns } = state.size;
  const right: Row = simulation(state.moment);
  const parts: { readonly row: Row; readonly rank: number }[] = [
    { row: [span(' GAVEL ', 'title')], rank: 2 },
    { row: live(state), rank: 0 },
    { row: me(state), rank: 4 },
    { row: certificate(state), rank: 5 },
    { row: time(state.moment), rank: 1 },
  ].filter(({ row }) => row.length > 0);
  const joined = (kept: typeof parts): Row =>
    kept.flatMap(({ row }, index) => (index === 0 ? row : [span(GAP), ...row]));
  const kept = [...parts];
  while (kept.length > 1 && rowCells(joined(kept)) + rowCells(right) + 2 > columns) {
    const least = Math.max(...kept.map(({ rank }) => rank));
    kept.splice(
      kept.findIndex(({ rank }) => rank === least),
      1,
    );
  }
  return spread(joined(kept), right, columns);
}

/** Said at once when the connection is lost, for as long as it is. */
export function bannerRow({ connection, moment, size }: ScreenState): Row | undefined {
  if (connection.kind !== 'down') return undefined;
  const age = moment.monotonic - connection.since;
  const next = connection.nextTryAt - moment.monotonic;
  const soon = next <= 0 ? 'now' : `in ${Math.ceil(next / 1_000)} s`;
  const long = ` CONNECTION LOST   data is ${roughly(age)} old   attempt ${connection.attempt} ${soon}   what you type is kept `;
  const short = ` LOST ${roughly(age)} ago   attempt ${connection.attempt} ${soon} `;
  const text = cellsOf(long) <= size.columns ? long : short;
  return cutRow([span(text.padEnd(size.columns), 'alarm')], size.columns);
}

function live({ connection }: ScreenState): Row {
  switch (connection.kind) {
    case 'connecting':
      return [span('◌ connecting', 'warn')];
    case 'up': {
      const latency = connection.latencyMs === undefined ? '' : ` ${Math.round(connection.latencyMs)}ms`;
      return [span('●', 'good'), span(` live${latency}`)];
    }
    case 'renewing':
      return [span('◌ renewing', 'warn')];
    case 'down':
      return [span('✖ lost', 'bad')];
  }
}

function me({ party }: ScreenState): Row {
  if (party === undefined) return [];
  const { username, subject } = party;
  const short = `${subject.slice(0, SUBJECT_CELLS - 2)}…${subject.slice(-2)}`;
  return [span('me ', 'faint'), span(username), span(` ${short}`, 'faint')];
}

function certificate({ certificateEndsAt, moment }: ScreenState): Row {
  if (certificateEndsAt === undefined) return [];
  const left = certificateEndsAt - moment.at;
  return [span('cert ', 'faint'), left > 0 ? span(roughly(left)) : span('expired', 'bad')];
}

function time(moment: Moment): Row {
  if (!moment.signed) return [span('time not signed yet', 'faint')];
  const zone = moment.zoneMs === 0 ? 'Z' : '';
  return [span('time ', 'faint'), span('✓', 'good'), span(` ${clockTime(moment.at, moment)}${zone}`)];
}

/** Smaller than this is no journey. */
const NOTABLE_MS = 1_000;

function simulation({ simulated, aheadMs }: Moment): Span[] {
  if (!simulated) return [];
  const offset = Math.abs(aheadMs) < NOTABLE_MS ? '' : ` ${aheadMs < 0 ? '-' : '+'}${roughly(aheadMs)}`;
  return [span(` SIM${offset} `, 'sim')];
}
