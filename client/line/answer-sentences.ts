/** Answers to questions as sentences: the first line says what it is, what belongs to it follows, one thing on a line. */
import { printableLine } from '../store/printable.ts';
import type { AuditedLotFact, PastBidFact, ReceiptFact } from './answer-facts.ts';
import type { Facts, PersonFact } from './fact.ts';
import { catalogue, lotLine, moment, money, name } from './wording.ts';

type Snapshot = Facts['snapshot'];
type SnapshotOf<Of extends Snapshot['of']> = Extract<Snapshot, { readonly of: Of }>;

/** At the trusted time `now`. */
export function answerSentence(data: Snapshot, now: number): string {
  switch (data.of) {
    case 'house':
    case 'allitems':
    case 'myitems':
      return catalogue(data.lots, now);
    case 'mybids':
      return ownBids(data, now);
    case 'watch':
      return watched(data, now);
    case 'lot':
      return oneLot(data, now);
    case 'receipt':
      return data.receipts.length === 0 ? 'No receipts.' : data.receipts.map(receiptLine).join('\n');
    case 'verify':
      return audited(data);
    case 'identity':
      return identity(data);
    case 'caution':
      return data.lines.join('\n');
    case 'help':
      return data.text;
  }
}

function ownBids({ lots }: SnapshotOf<'mybids'>, now: number): string {
  if (lots.length === 0) return 'You have not bid on any lot.';
  return lots.map((lot) => `You bid ${ownAmounts(lot)} on ${lotLine(lot, now)}`).join('\n');
}

function watched({ lots, changed }: SnapshotOf<'watch'>, now: number): string {
  if (changed !== undefined) {
    return changed.watched ? `You watch ${name(changed)} from now on.` : `You no longer watch ${name(changed)}.`;
  }
  return lots.length === 0 ? 'You watch no lot.' : `You watch ${catalogue(lots, now)}`;
}

function oneLot(data: SnapshotOf<'lot'>, now: number): string {
  const { lot, ownBids: own, history, isWhole, counterparty } = data;
  const { description, extension, currency, startingPrice, increment, closesAt, nextValidAmount } = lot;
  const soft = extension === undefined ? '' : `, at the latest ${moment(extension.until)} if bids come late`;
  const lines = [
    lotLine(lot, now),
    ...(description === undefined ? [] : [`It is said of it: ${printableLine(description)}`]),
    `From ${money(startingPrice, { currency })}, in steps of ${money(increment, { currency })}; ${lot.status === 'open' ? 'closes' : 'closed'} ${moment(closesAt)}${lot.status === 'open' ? soft : ''}.`,
    ...(nextValidAmount === undefined ? [] : [`The next valid bid is ${money(nextValidAmount, { currency })}.`]),
    ...(own.length === 0 ? [] : [`You bid ${ownAmounts({ currency, ownBids: own })}.`]),
    ...history.map((bid) => pastBid(bid, currency)),
    ...(isWhole ? [] : ['Not every bid is known here at the moment.']),
    ...(data.watched ? ['You watch it.'] : []),
    ...(counterparty === undefined ? [] : [person(counterparty)]),
  ];
  return lines.join('\n');
}

function pastBid({ amount, placedAt, position, mine }: PastBidFact, currency: string): string {
  return `${moment(placedAt)}: ${mine ? 'you' : 'somebody'} bid ${money(amount, { currency })} (position ${position}).`;
}

function ownAmounts({
  ownBids: bids,
  currency,
}: {
  readonly ownBids: readonly { readonly amount: number }[];
  readonly currency: string;
}): string {
  return bids.map(({ amount }) => money(amount, { currency })).join(', ');
}

/** Who the other party of a sale is. */
export function person({ role, username, contact }: PersonFact): string {
  const reach = contact === undefined ? '' : ` Contact: ${printableLine(contact)}.`;
  return `The ${role} is ${printableLine(username)}.${reach}`;
}

function receiptLine(receipt: ReceiptFact): string {
  const { command, amount, position, checkpoint, cosigned, commandId, file } = receipt;
  const what =
    command === 'list' ? `You offered ${name(receipt)}` : `You bid ${money(amount, receipt)} on ${name(receipt)}`;
  const seen = cosigned ? 'cosigned by the witness' : 'not cosigned yet';
  return `${what}: position ${position} of ${checkpoint.size}, signed ${moment(checkpoint.time)}, ${seen}. Verified. Command ${commandId}, kept in ${printableLine(file)}.`;
}

function audited({ records, checkpoint, witnessed, lots }: SnapshotOf<'verify'>): string {
  const hidden = records < checkpoint.size ? ` ${checkpoint.size - records} more nobody may know yet.` : '';
  const witness =
    witnessed === undefined ? 'No witness has cosigned it.' : `A witness cosigned the first ${witnessed.size}.`;
  const head = `Verified: all ${records} records hold.${hidden} ${witness}`;
  return [head, ...lots.map(auditedLine)].join('\n');
}

function auditedLine(lot: AuditedLotFact): string {
  const price = lot.hammerPrice === undefined ? '' : ` for ${money(lot.hammerPrice, lot)}`;
  const words = { sold: `sold${price}`, unsold: 'found no bidder', open: 'open', due: 'about to be closed' };
  return `${name(lot)}: ${words[lot.outcome]}, ${lot.bids} ${lot.bids === 1 ? 'bid' : 'bids'}. Holds.`;
}

function identity(card: SnapshotOf<'identity'>): string {
  const { certificate } = card;
  return [
    `You are ${printableLine(card.username)}, known to the house as ${card.subject} alone.`,
    ...(card.contact === undefined ? [] : [`Contact, for the other party of a sale: ${printableLine(card.contact)}`]),
    `Key: SHA-256 ${card.keyFingerprint}`,
    `Certificate: serial ${certificate.serial}, valid from ${moment(certificate.notBefore)} until ${moment(certificate.notAfter)}; renewed by itself.`,
    `Root: SHA-256 ${card.root}`,
    `House: ${card.house} at ${printableLine(card.dms)}`,
    `Trusted Service: ${printableLine(card.trustedService)}`,
    `Everything of yours is in ${printableLine(card.home)}.`,
  ].join('\n');
}
