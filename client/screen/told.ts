/** What the client tells by itself, as lines of what happened and as notices. */
import type { Amount, Currency, Instant, LotId, Position } from '../../shared/wire/vocabulary.ts';
import { formatMoney } from '../commands/money.ts';
import type { Fact, Facts } from '../line/fact.ts';
import { sentenceOf } from '../line/plain-face.ts';
import { printableLine } from '../store/printable.ts';
import { standing } from '../store/select.ts';
import { cut } from './cells.ts';
import { dateTime, TITLE_CELLS } from './lot-words.ts';
import { type Step, step } from './message.ts';
import { withNotice } from './notices.ts';
import type { EventLine, Proof, ScreenState, Tone } from './screen-state.ts';

/** Lines of what happened that are kept. */
const MAX_EVENTS = 200;
/** A closing is near: worth calling for where we take part. */
const ENDING_MS = 60_000;

export function told(state: ScreenState, fact: Fact): Step {
  switch (fact.type) {
    case 'hello': {
      const { username, subject } = fact.data;
      return step({ ...state, party: { username, subject }, connection: { kind: 'up' } });
    }
    case 'link-up':
      return linkUp(state, fact.data);
    case 'link-down':
      return linkDown(state, fact.data);
    case 'bid':
      return step(withEvent(state, bidLine(fact.data)));
    case 'listed':
      return step(withEvent(state, listedLine(fact.data)));
    case 'closed':
      return step(withEvent(state, closedLine(fact.data)));
    case 'closing':
      return closing(state, fact.data);
    case 'disclosed':
      return disclosed(state, fact.data);
    case 'opened':
      return step(withEvent(state, openedLine(fact.data, state)));
    case 'fork':
    case 'proof':
      return withNotice(spoken(state, fact, 'bad'), {
        kind: 'alarm',
        at: state.moment.at,
        text: sentence(fact, state),
      });
    case 'error':
    case 'refused':
      return step(spoken(state, fact, 'bad'));
    case 'clock':
      // The first signed time is no news.
      return step(fact.data.byMs === 0 ? state : clockSet(state, fact.data.time as Instant));
    default:
      return step(state);
  }
}

/** Adds a line; one about a position that has a line already says more about that one. */
export function withEvent(state: ScreenState, line: EventLine): ScreenState {
  const { position } = line;
  const index = position === undefined ? -1 : state.events.findLastIndex((event) => event.position === position);
  const known = state.events[index];
  if (known === undefined) return { ...state, events: [...state.events, line].slice(-MAX_EVENTS) };
  // What we were answered says more than what everybody heard.
  if (line.proof !== 'receipt') return state;
  return { ...state, events: state.events.with(index, { ...known, ...line, at: known.at }) };
}

export function withProof(state: ScreenState, position: Position, proof: Proof): ScreenState {
  const index = state.events.findLastIndex((event) => event.position === position);
  const known = state.events[index];
  // A receipt says as much, and more.
  if (known === undefined || (known.proof === 'receipt' && proof !== 'failed')) return state;
  return { ...state, events: state.events.with(index, { ...known, proof }) };
}

/** A fact in the words of `--plain`. */
export function sentence(fact: Fact, state: ScreenState): string {
  return printableLine(sentenceOf(fact, state.moment.at) ?? '');
}

function spoken(state: ScreenState, fact: Fact, tone: Tone): ScreenState {
  return withEvent(state, { at: state.moment.at, text: sentence(fact, state), tone });
}

function clockSet(state: ScreenState, time: Instant): ScreenState {
  const text = `the clock was set: it is ${dateTime(time, state.moment)}`;
  return withEvent(state, { at: time, text, tone: 'warn' });
}

function linkUp(state: ScreenState, { position }: Facts['link-up']): Step {
  const connected: ScreenState = { ...state, connection: { kind: 'up' } };
  if (state.connection.kind !== 'down') return step(connected);
  const text = `connected again, everything told up to position ${position}`;
  return step(withEvent(connected, { at: state.moment.at, text, tone: 'good' }));
}

function linkDown(state: ScreenState, { reason, attempt, nextTryInMs, renewing }: Facts['link-down']): Step {
  // No news, as long as it is a matter of moments.
  if (renewing === true) return step({ ...state, connection: { kind: 'renewing' } });
  const { monotonic } = state.moment;
  const before = state.connection;
  const since = before.kind === 'down' ? before.since : monotonic;
  const lost: ScreenState = {
    ...state,
    connection: { kind: 'down', reason, since, attempt, nextTryAt: monotonic + nextTryInMs },
  };
  if (before.kind === 'down') return step(lost);
  return step(withEvent(lost, { at: state.moment.at, text: `connection lost (${reason})`, tone: 'bad' }));
}

function bidLine(bid: Facts['bid']): EventLine {
  const isOurs = bid.mine;
  const text = `${isOurs ? 'you' : 'someone'} bid ${price(bid.amount, bid.currency)} on ${about(bid)}`;
  return {
    at: bid.placedAt as Instant,
    text,
    tone: isOurs ? 'good' : 'plain',
    position: bid.position as Position,
    proof: 'checking',
  };
}

function listedLine(lot: Facts['listed']): EventLine {
  const who = lot.mine ? 'you offer' : 'someone offers';
  return {
    at: lot.listedAt as Instant,
    text: `${who} ${about(lot)} ${printableLine(lot.title)} from ${price(lot.startingPrice, lot.currency)}`,
    tone: lot.mine ? 'good' : 'plain',
    position: lot.position as Position,
    proof: 'checking',
  };
}

function closedLine(lot: Facts['closed']): EventLine {
  const sold = lot.hammerPrice === undefined ? 'sold' : `sold for ${price(lot.hammerPrice, lot.currency)}`;
  const end = lot.outcome === 'sold' ? sold : 'found no bidder';
  const ours = lot.standing === 'won' ? ': it is yours' : '';
  return {
    at: lot.closedAt as Instant,
    text: `${about(lot)} ${end}${ours}`,
    tone: lot.standing === 'won' ? 'good' : 'plain',
    position: lot.position as Position,
    proof: 'checking',
  };
}

/** Quiet: it is there for the day on which somebody denies it. */
function openedLine({ role, command, position, ...lot }: Facts['opened'], { moment }: ScreenState): EventLine {
  const who = role === 'winner' ? 'the seller' : 'the winner';
  const what = command === 'list' ? 'listing' : 'bid';
  const text = `${about(lot)} the signed ${what} of ${who} is opened to you, and kept`;
  return { at: moment.at, text, detail: `position ${position}, verified`, tone: 'faint' };
}

/** Said of lots in which we have a part: with many lots there is always one that ends. */
function closing(state: ScreenState, mark: Facts['closing']): Step {
  const lot = state.model.lots.get(mark.lot as LotId);
  const part = lot === undefined ? 'none' : standing(lot);
  const concerns = part !== 'none' || state.model.watched.has(mark.lot as LotId);
  if (!concerns || mark.leftMs > ENDING_MS || mark.leftMs === 0) return step(state);
  const text = `${about(mark)} ${printableLine(mark.title ?? '')} ends in ${mark.leftMs / 1_000} s${part === 'none' ? '' : `, you are ${part}`}.`;
  return withNotice(state, { kind: 'ending', at: state.moment.at, text, lot: mark.lot as LotId });
}

/** Who the other one is comes first: it is what somebody waited for. */
function disclosed(state: ScreenState, sale: Facts['disclosed']): Step {
  const text = saleSentence(sale);
  const line = withEvent(state, { at: state.moment.at, text, tone: 'good' });
  return withNotice(line, { kind: 'disclosed', at: state.moment.at, text, lot: sale.lot as LotId });
}

function saleSentence({ role, outcome, hammerPrice, counterparty, ...lot }: Facts['disclosed']): string {
  const name = `${about(lot)} ${cut(printableLine(lot.title ?? ''), TITLE_CELLS)}`.trimEnd();
  if (outcome === 'unsold') return `${name} found no bidder.`;
  const money = hammerPrice === undefined ? '' : ` for ${price(hammerPrice, lot.currency)}`;
  const { username = 'somebody', contact } = counterparty ?? {};
  const person = [username, contact].flatMap((word) => (word === undefined ? [] : [printableLine(word)])).join(', ');
  return role === 'winner' ? `The seller of ${name} is ${person}: yours${money}.` : `${person} bought ${name}${money}.`;
}

function about({ number, lot }: { readonly number?: number; readonly lot: string }): string {
  return number === undefined ? `lot ${lot.slice(0, 8)}` : `#${number}`;
}

function price(amount: number, currency: string | undefined): string {
  return currency === undefined ? String(amount) : formatMoney(amount as Amount, currency as Currency);
}
