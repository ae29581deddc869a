/** Facts as sentences, one statement for each and nothing ever rewritten: for people, and for screen readers. */
import { printableLine } from '../store/printable.ts';
import { duration } from '../store/select.ts';
import { answerSentence, person } from './answer-sentences.ts';
import type { Complaint, Fact, Facts, FactTime, FactType } from './fact.ts';
import type { LineSink } from './json-line.ts';
import { lotLine, moment, money, name } from './wording.ts';

/** Writes each fact as a statement after the time of day. A simulated clock is said with every one. */
export function createPlainFace(sink: LineSink, time: () => FactTime): { tell(fact: Fact): void } {
  let toldEpoch: number | undefined;
  return {
    tell: (fact) => {
      if (fact.type === 'clock') {
        const { epoch, line, id } = fact.data;
        // Whoever set the clock has heard of it as everybody does.
        if (epoch === toldEpoch && (line !== undefined || id !== undefined)) return;
        toldEpoch = epoch;
      }
      const { at, simulated } = time();
      const statement = sentenceOf(fact, at);
      if (statement !== undefined) sink.write(`${clockTime(at)} ${simulated ? 'SIM ' : ''}${statement}\n`);
    },
  };
}

/** The sentence for a fact at the trusted time `now`; `undefined` for one that nobody needs to hear. */
export function sentenceOf(fact: Fact, now: number): string | undefined {
  const say = SENTENCES[fact.type] as (data: Fact['data'], now: number) => string | undefined;
  return say(fact.data, now);
}

type Sentences = { readonly [Type in FactType]: (data: Facts[Type], now: number) => string | undefined };

const SENTENCES: Sentences = {
  hello: ({ username, dms }) => `Connected to ${dms} as ${printableLine(username)}. Type /help for the commands.`,
  snapshot: answerSentence,
  listed: (lot, now) => `${lot.mine ? 'You offer' : 'New lot'} ${lotLine(lot, now)}`,
  bid: (bid) => `${bid.mine ? 'You' : 'Somebody'} bid ${money(bid.amount, bid)} on ${name(bid)}.`,
  accepted: (answer) =>
    answer.command === 'list'
      ? `Accepted: you offer ${name(answer)}.`
      : `Accepted: you bid ${money(answer.amount, answer)} on ${name(answer)}.`,
  rejected: ({ reason, advice }) => `Rejected (${reason}). ${advice}`,
  refused: (complaint) => `Refused (${complaint.code}). ${advice(complaint)}`,
  error: (complaint) => `Error (${complaint.code}). ${advice(complaint)}`,
  closing: (lot) => (lot.leftMs === 0 ? `${name(lot)} is closing.` : `${name(lot)} closes in ${duration(lot.leftMs)}.`),
  closed: (lot) => `${name(lot)} ${outcome(lot)}.${lot.standing === 'lost' ? ' You did not win it.' : ''}`,
  disclosed,
  opened: ({ role, command, amount, position, ...lot }) =>
    `${role === 'winner' ? 'The seller' : 'The winner'} signed ${command === 'list' ? `the listing of ${name(lot)}` : `the bid of ${money(amount, lot)} on ${name(lot)}`}: opened to you, verified as record ${position}, and kept.`,
  clock: ({ time }) => `The time is now ${moment(time)}.`,
  fork: ({ known, shown, advice: sentence, evidence }) =>
    `ALARM: a journal of ${shown.size} records does not fit the ${known.size} that were shown before. ${sentence} (${printableLine(evidence)})`,
  proof: ({ event, position, advice: sentence, evidence, ...lot }) =>
    `ALARM: ${ANNOUNCED[event]} ${name(lot)}, told as record ${position}, is false. ${sentence}${evidence === undefined ? '' : ` (${printableLine(evidence)})`}`,
  'link-up': ({ position }) => `Connected again, everything told up to position ${position}.`,
  'link-down': linkDown,
  bye: () => 'Goodbye.',
};

const ANNOUNCED: { readonly [Event in Facts['proof']['event']]: string } = {
  someone_listed: 'the listing of',
  someone_bid: 'a bid on',
  item_closed: 'the end of',
};

function outcome({ outcome: end, hammerPrice, ...lot }: Facts['closed'] | Facts['disclosed']): string {
  if (end === 'unsold') return 'found no bidder';
  return hammerPrice === undefined ? 'was sold' : `was sold for ${money(hammerPrice, lot)}`;
}

function disclosed(sale: Facts['disclosed']): string {
  const { role, counterparty } = sale;
  const what =
    role === 'seller' ? `Your lot ${name(sale)} ${outcome(sale)}.` : `You won ${name(sale)}: it ${outcome(sale)}.`;
  if (counterparty === undefined) return what;
  return `${what} ${person(counterparty)}`;
}

function linkDown({ reason, attempt, nextTryInMs, renewing }: Facts['link-down']): string {
  if (renewing === true) return `Renewing the session (${reason}).`;
  const next = nextTryInMs === 0 ? 'now' : `in ${duration(nextTryInMs)}`;
  return `Connection lost (${reason}). Attempt ${attempt} follows ${next}.`;
}

function advice({ code, advice: sentence, detail, repeat }: Complaint): string {
  const more = detail === undefined ? '' : ` (${printableLine(detail)})`;
  return `${sentence}${more}${repeat === undefined ? '' : ` To ${code === 'confirmation-missing' ? 'send' : 'repeat'} it: ${printableLine(repeat)}`}`;
}

/** In this machine's zone. */
function clockTime(at: number): string {
  return new Date(at).toTimeString().slice(0, 8);
}
