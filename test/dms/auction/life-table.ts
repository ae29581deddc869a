/**
 * A small language for the life of a lot, so that a whole auction reads as a table. One line per step:
 *
 *     lot from 100 step 10 closes 10000 [window 1000 by 500 until 12000]
 *     <who> <amount> at <time> #<serial> received <time>  ->  <outcome>
 *     close at <time>                                     ->  <outcome>
 *
 * An outcome is a reason, or `leads` (announced, and the greatest announced bid), `stands` (announced, but another one
 * is greater), `withheld`, `sold to <who> for <amount>`, `unsold`; then ` telling <who> <amount>, …` for withheld bids
 * that are announced before it, and ` closing <time>` where the effective closing has moved.
 */
import type { Pseudonym } from '../../../shared/wire/vocabulary.ts';
import { bid, close, nameOf, Saleroom, type Step } from './saleroom.ts';

const LOT_LINE =
  /^lot from (?<from>\d+) step (?<step>\d+) closes (?<closes>\d+)(?: window (?<window>\d+) by (?<by>\d+) until (?<until>\d+))?$/;
const BID_LINE = /^(?<who>\w+) (?<amount>\d+) at (?<at>\d+) #(?<serial>\d+) received (?<received>\d+)$/;
const CLOSE_LINE = /^close at (?<at>\d+)$/;

/** Plays the table and gives it back with the outcomes that happened, in the same form, to be compared with the first. */
export function played(table: string): string[] {
  const [first, ...steps] = linesOf(table);
  const terms = numbers(LOT_LINE, first ?? '');
  const { window, by, until } = terms;
  const room = Saleroom.withLot({
    startingPrice: terms['from']!,
    increment: terms['step']!,
    closesAt: terms['closes']!,
    extension: window === undefined ? undefined : { window, by: by!, until: until! },
  });
  return [first ?? '', ...steps.map((line) => playedLine(room, line))];
}

/** The table's lines, blanks evened out. */
export function linesOf(table: string): string[] {
  return table
    .split('\n')
    .map((line) => line.trim().replace(/\s+/g, ' '))
    .filter((line) => line !== '');
}

function playedLine(room: Saleroom, line: string): string {
  const [command = ''] = line.split(' -> ');
  const before = room.open.closesAt;
  const step = room.submit(parsed(command));
  const moved = room.open.closesAt === before ? '' : ` closing ${room.open.closesAt}`;
  return `${command} -> ${outcome(room, step)}${telling(room, step)}${moved}`;
}

function parsed(command: string) {
  if (CLOSE_LINE.test(command)) return close(numbers(CLOSE_LINE, command)['at']!);
  const { amount, at, serial, received } = numbers(BID_LINE, command);
  const who = BID_LINE.exec(command)!.groups!['who']!;
  return bid({ who, amount: amount!, at: at!, serial: serial!, receivedAt: received! });
}

function numbers(form: RegExp, line: string): Record<string, number | undefined> {
  const groups = form.exec(line)?.groups;
  if (groups === undefined) throw new Error(`not a line of a life table: ${line}`);
  return Object.fromEntries(Object.entries(groups).map(([name, text]) => [name, text && Number(text)])) as never;
}

function outcome(room: Saleroom, { answer }: Step): string {
  if (!answer.accepted) return answer.reason;
  const { event } = answer;
  if (event.type === 'lot-closed') {
    return event.pseudonym ? `sold to ${bidderOf(room, event.pseudonym)} for ${event.hammerPrice}` : 'unsold';
  }
  if (event.type === 'bid-placed' && event.withheld) return 'withheld';
  return room.open.told.leading?.pseudonym === event.pseudonym ? 'leads' : 'stands';
}

/** The bids that this step announced, but for its own. */
function telling(room: Saleroom, { answer, letters }: Step): string {
  const own = answer.accepted && answer.event.type === 'bid-placed' ? answer.event.pseudonym : undefined;
  const told = letters.flatMap((letter) =>
    'announcement' in letter && letter.announcement.event === 'someone_bid' && letter.announcement.pseudonym !== own
      ? [`${bidderOf(room, letter.announcement.pseudonym)} ${letter.announcement.amount}`]
      : [],
  );
  return told.length === 0 ? '' : ` telling ${told.join(', ')}`;
}

function bidderOf(room: Saleroom, pseudonym: Pseudonym): string {
  for (const event of room.events) {
    if (event.type === 'bid-placed' && event.pseudonym === pseudonym) return nameOf(event.bidder);
  }
  throw new Error(`nobody bid as ${pseudonym}`);
}
