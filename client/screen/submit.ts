/** From a typed line to a command on its way, and to its answer. */
import type { LotId, Position } from '../../shared/wire/vocabulary.ts';
import { adviceForComplaint, ClientError } from '../client-error.ts';
import { cautionFor } from '../commands/caution.ts';
import type { Intent } from '../commands/intent.ts';
import { parseIntent } from '../commands/intent.ts';
import { parseTyped } from '../commands/raw-command.ts';
import type { Fact, Facts } from '../line/fact.ts';
import { printableLine } from '../store/printable.ts';
import { findLot } from '../store/select.ts';
import { type Step, step } from './message.ts';
import { formatMoney } from './money.ts';
import type { Filter, Flash, Running, ScreenState, Stage, Tone } from './screen-state.ts';
import { speakOf } from './standings.ts';
import { sentence, withEvent } from './told.ts';

/** How long an answer is said. */
const FLASH_MS = 12_000;

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

/** The question was answered with yes. */
export function confirmed(state: ScreenState): Step {
  const { question, ...rest } = state;
  if (question === undefined) return step(state);
  const cautioned = new Set([...state.cautioned, `${question.code} ${question.line}`]);
  return submit({ ...rest, cautioned, hasBidBefore: true }, question.line);
}

export function withFlash(state: ScreenState, text: string, tone: Tone): ScreenState {
  const flash: Flash = { text, tone, until: state.moment.monotonic + FLASH_MS };
  return { ...state, flash };
}

function consider(state: ScreenState, line: string, intent: Intent): Step {
  if (intent.name === 'quit') return step(state, { type: 'quit' });
  if (intent.name === 'help' && intent.command === undefined)
    return step({ ...state, pane: { kind: 'help', scroll: 0 } });
  const caution = cautionFor(intent, state.model, { hasBidBefore: state.hasBidBefore });
  if (caution !== undefined && !state.cautioned.has(`${caution.code} ${line}`)) {
    return step({ ...state, question: { line, ...caution } });
  }
  return perform(state, line, intent);
}

const FILTER_OF: { readonly [Name in Intent['name']]?: Filter } = {
  allitems: 'all',
  myitems: 'my lots',
};

function perform(state: ScreenState, line: string, intent: Intent): Step {
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
    hasBidBefore: state.hasBidBefore || intent.name === 'bid',
  };
  return step(next, { type: 'perform', number, line, intent }, { type: 'remember', line });
}

function lotOf(state: ScreenState, intent: Intent): LotId | undefined {
  return intent.name === 'bid' ? findLot(state.model, intent.lot)?.lot : undefined;
}

export function progressed(state: ScreenState, number: number, stage: Stage): ScreenState {
  const running = state.running.map((one) =>
    one.number === number ? { ...one, stages: [...one.stages, stage] } : one,
  );
  return { ...state, running };
}

export function answered(state: ScreenState, number: number, fact: Fact | undefined): Step {
  const done = state.running.find((one) => one.number === number);
  const idle: ScreenState = { ...state, running: state.running.filter((one) => one.number !== number) };
  const next = fact === undefined ? idle : withAnswer(idle, fact);
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
function accepted(state: ScreenState, { command, lot, number, amount, position }: Facts['accepted']): ScreenState {
  const known = state.model.lots.get(lot as LotId);
  const money =
    known === undefined || amount === undefined
      ? ''
      : ` ${formatMoney(amount as typeof known.terms.increment, known.terms.currency)}`;
  const text =
    command === 'bid'
      ? `you bid${money} on #${number}`
      : `you offer #${number} ${known === undefined ? '' : printableLine(known.terms.title)}`;
  const line = withEvent(state, {
    at: state.moment.at,
    text: text.trimEnd(),
    detail: `accepted, position ${position}`,
    tone: 'good',
    position: position as Position,
    proof: 'verified',
  });
  const done = withFlash(line, `Accepted: ${text.trimEnd()}. Receipt verified, position ${position}.`, 'good');
  return command === 'list' ? { ...done, selected: lot as LotId } : done;
}

function snapshot(state: ScreenState, data: Facts['snapshot']): ScreenState {
  // Lots are in the table already.
  if ('lots' in data) return state;
  const lines = sentenceLines(data, state);
  return { ...state, pane: { kind: 'text', title: data.of, lines, scroll: 0 } };
}

function sentenceLines(data: Extract<Facts['snapshot'], { of: 'help' }>, _state: ScreenState): string[] {
  return data.text.split('\n');
}
