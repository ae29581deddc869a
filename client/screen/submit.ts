/** From a typed line to a command on its way, and to its answer. */
import type { Amount, Currency, Instant, LotId, Position } from '../../shared/wire/vocabulary.ts';
import { adviceForComplaint, ClientError } from '../client-error.ts';
import { cautionFor } from '../commands/caution.ts';
import type { Intent } from '../commands/intent.ts';
import { parseIntent } from '../commands/intent.ts';
import { formatMoney } from '../commands/money.ts';
import { parseTyped } from '../commands/raw-command.ts';
import type { Fact, Facts } from '../line/fact.ts';
import { sentenceOf } from '../line/plain-face.ts';
import type { Stage } from '../send-command.ts';
import type { HeardBid, LotModel } from '../store/model.ts';
import { printableLine } from '../store/printable.ts';
import { findLot, hasBidBefore } from '../store/select.ts';
import { type Effect, type Step, step } from './message.ts';
import type { Filter, Flash, Running, ScreenState, Tone } from './screen-state.ts';
import { speakOf } from './standings.ts';
import { sentence, withEvent } from './told.ts';

/** How long an answer is said. */
const FLASH_MS = 12_000;
/** … and what only confirms a key: what concerns us comes back soon. */
const SHORT_FLASH_MS = 3_000;

/** Understands a line; asks first where there is something to ask. */
export function submit(state: ScreenState, line: string): Step {
  if (line.trim() === '') return step(state);
  try {
    return consider(state, line, parseIntent(parseTyped(line), state.moment.at));
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    const detail = error.detail === undefined ? '' : ` (${printableLine(error.detail)})`;
    return step(withFlash(state, `${adviceForComplaint(error.code)}${detail}`, 'bad'));
  }
}

/** The question was answered with yes: the bid goes, and says so to whoever would ask again. */
export function confirmed(state: ScreenState): Step {
  const { question, ...rest } = state;
  if (question === undefined) return step(state);
  const { line, intent } = question;
  return perform({ ...rest, hasBeenTold: true }, line, intent.name === 'bid' ? { ...intent, yes: true } : intent);
}

/** Quits; but who has sent something and knows no answer yet is told so first. Once more is enough. */
export function leave(state: ScreenState, quit: Effect = { type: 'quit' }): Step {
  const isOpen = state.running.some(({ name }) => name === 'bid' || name === 'list');
  if (!isOpen || state.leaving === true) return step(state, quit);
  return step(withFlash({ ...state, leaving: true }, UNANSWERED, 'warn'));
}

const UNANSWERED = 'Not answered yet: what you sent may count. Stay for the answer, or leave with q once more.';

export function withFlash(state: ScreenState, text: string, tone: Tone): ScreenState {
  const flash: Flash = { text, tone, until: state.moment.monotonic + (tone === 'plain' ? SHORT_FLASH_MS : FLASH_MS) };
  return { ...state, flash };
}

function consider(state: ScreenState, line: string, intent: Intent): Step {
  if (intent.name === 'quit') return leave(state);
  if (intent.name === 'help' && intent.command === undefined)
    return step({ ...state, pane: { kind: 'help', scroll: 0 } });
  const caution = cautionFor(intent, state.model, { hasBidBefore: hasBidBefore(state.model) || state.hasBeenTold });
  return caution === undefined
    ? perform(state, line, intent)
    : step({ ...state, question: { line, intent, ...caution } });
}

const FILTER_OF: { readonly [Name in Intent['name']]?: Filter } = {
  allitems: 'all',
  myitems: 'my lots',
  mybids: 'my bids',
};

function perform({ leaving: _leaving, ...state }: ScreenState, line: string, intent: Intent): Step {
  const number = state.count + 1;
  const lot = lotOf(state, intent);
  const running: Running = {
    number,
    name: intent.name,
    ...(lot === undefined ? {} : { lot }),
    startedAt: state.moment.monotonic,
    stages: [],
  };
  const { flash: _flash, ...rest } = state;
  const filter = FILTER_OF[intent.name];
  const { pane: _pane, ...table } = rest;
  const next: ScreenState = {
    ...(filter === undefined ? rest : { ...table, filter }),
    count: number,
    running: [...state.running, running],
  };
  return step(next, { type: 'perform', number, line, intent }, { type: 'remember', line });
}

function lotOf(state: ScreenState, intent: Intent): LotId | undefined {
  return intent.name === 'bid' ? findLot(state.model, intent.lot)?.lot : undefined;
}

/** Asks for all the bids on a lot, for the pane that shows it. */
export function askForPast(state: ScreenState, { lot, number: shown }: LotModel): Step {
  const number = state.count + 1;
  const running: Running = { number, name: 'lot', startedAt: state.moment.monotonic, quiet: true, stages: [] };
  const next: ScreenState = { ...state, count: number, running: [...state.running, running] };
  return step(next, { type: 'perform', number, line: `/lot ${shown}`, intent: { name: 'lot', lot } });
}

export function progressed(state: ScreenState, number: number, stage: Stage): ScreenState {
  const running = state.running.map((one) =>
    one.number === number ? { ...one, stages: [...one.stages, stage] } : one,
  );
  return { ...state, running };
}

export function audited(state: ScreenState, number: number, records: number): ScreenState {
  return { ...state, running: state.running.map((one) => (one.number === number ? { ...one, records } : one)) };
}

export function answered(state: ScreenState, number: number, fact: Fact | undefined): Step {
  const done = state.running.find((one) => one.number === number);
  const idle: ScreenState = { ...state, running: state.running.filter((one) => one.number !== number) };
  const next = fact === undefined ? idle : done?.quiet === true ? withPast(idle, fact) : withAnswer(idle, fact);
  // What was not said of this lot while the bid was on its way can be said now.
  const lot = done?.lot === undefined ? undefined : next.model.lots.get(done.lot);
  return lot === undefined ? step(next) : speakOf(next, [lot]);
}

function withAnswer(state: ScreenState, fact: Fact): ScreenState {
  switch (fact.type) {
    case 'accepted':
      return accepted(state, fact.data);
    case 'rejected': {
      const text = `Rejected: ${fact.data.advice}`;
      return withEvent(withFlash(state, text, 'bad'), { at: state.moment.at, text, tone: 'bad' });
    }
    case 'refused':
    case 'error': {
      const text = sentence(fact, state);
      return withEvent(withFlash(state, text, 'bad'), { at: state.moment.at, text, tone: 'bad' });
    }
    case 'snapshot':
      return snapshot(state, fact.data);
    default:
      return withFlash(state, sentence(fact, state), 'plain');
  }
}

/** That it is accepted is told only after the receipt was verified. */
function accepted(state: ScreenState, answer: Facts['accepted']): ScreenState {
  const { command, lot, number, title = '', currency, amount, position } = answer;
  const money =
    amount === undefined || currency === undefined ? '' : ` ${formatMoney(amount as Amount, currency as Currency)}`;
  const text = command === 'bid' ? `you bid${money} on #${number}` : `you offer #${number} ${printableLine(title)}`;
  const line = withEvent(state, {
    at: state.moment.at,
    text,
    detail: `position ${position}`,
    tone: 'good',
    position: position as Position,
    proof: 'receipt',
  });
  const done = withFlash(line, `Accepted: ${text}. Receipt verified, position ${position}.`, 'good');
  return command === 'list' ? { ...done, selected: lot as LotId } : done;
}

/** Without an answer there is what was heard. */
function withPast(state: ScreenState, fact: Fact): ScreenState {
  if (fact.type !== 'snapshot' || fact.data.of !== 'lot') return state;
  const { lot, history } = fact.data;
  const bids = history.map(({ amount, placedAt, position, mine }): HeardBid => {
    return { amount: amount as Amount, at: placedAt as Instant, position: position as Position, mine };
  });
  return { ...state, pasts: new Map(state.pasts).set(lot.lot as LotId, bids) };
}

function snapshot(state: ScreenState, data: Facts['snapshot']): ScreenState {
  switch (data.of) {
    case 'house':
    case 'allitems':
    case 'myitems':
    case 'mybids':
      // These lots are in the table already.
      return state;
    case 'watch':
      return watching(state, data.changed);
    case 'lot':
      return {
        ...state,
        selected: data.lot.lot as LotId,
        pane: { kind: 'lot', lot: data.lot.lot as LotId, scroll: 0 },
      };
    default: {
      const text = sentenceOf({ type: 'snapshot', data }, state.moment.at) ?? '';
      return { ...state, pane: { kind: 'text', title: `/${data.of}`, lines: text.split('\n'), scroll: 0 } };
    }
  }
}

type Watching = Extract<Facts['snapshot'], { readonly of: 'watch' }>['changed'];

function watching(state: ScreenState, changed: Watching): ScreenState {
  if (changed === undefined) return { ...state, filter: 'watched' };
  const name = changed.number === undefined ? 'the lot' : `#${changed.number}`;
  return withFlash(state, changed.watched ? `You watch ${name}.` : `You watch ${name} no longer.`, 'plain');
}
