/** Listings and bids: sent under one id, and answered with the line that repeats them where the outcome stays unknown. */
import { adviceForRejection } from '../../shared/wire/commands.ts';
import type { Amount } from '../../shared/wire/vocabulary.ts';
import type { AuctionClient } from '../auction-client.ts';
import { ClientError } from '../client-error.ts';
import type { CommandResult } from '../client-options.ts';
import type { AboutLot, Answering, Fact } from '../line/fact.ts';
import { complaintFact } from '../line/facts-of.ts';
import type { Stage } from '../send-command.ts';
import type { LotModel } from '../store/model.ts';
import { cautionFor } from './caution.ts';
import { formatAmount, parseAmount } from './currency.ts';
import { type BidIntent, formatList, type ListIntent } from './intent.ts';

type SendingClient = Pick<AuctionClient, 'list' | 'bid' | 'findLot' | 'newCommandId' | 'model'>;

interface Sending {
  readonly answering: Answering;
  readonly onProgress?: (stage: Stage) => void;
}

export async function sendListing(client: SendingClient, intent: ListIntent, sending: Sending): Promise<Fact> {
  const { answering } = sending;
  const id = intent.repeat ?? client.newCommandId();
  const { title, currency } = intent.terms;
  try {
    const result = await client.list(intent.terms, { id, ...progressOf(sending) });
    return commandAnswer('list', result, { title, currency }, answering);
  } catch (error) {
    return complaintFact(error, answering, { commandId: id, repeat: formatList(intent.terms, id) });
  }
}

/** Throws `amount-malformed` and `confirmation-missing`. */
export async function sendBid(client: SendingClient, intent: BidIntent, sending: Sending): Promise<Fact> {
  const { answering } = sending;
  const id = intent.repeat ?? client.newCommandId();
  const lot = await client.findLot(intent.lot);
  if (lot === undefined)
    return commandAnswer('bid', { outcome: 'rejected', reason: 'lot-not-found', id }, {}, answering);
  const { currency, title } = lot.terms;
  const amount = parseAmount(intent.amount, currency);
  const caution = cautionFor(intent, client.model, { hasBidBefore: true });
  if (caution?.code === 'jump-bid') return confirmationMissing(intent, lot, caution.lines, answering);
  try {
    const result = await client.bid({ lot: lot.lot, amount, id, ...progressOf(sending) });
    const about = { lot: lot.lot, number: lot.number, title, currency, amount };
    return commandAnswer('bid', result, about, answering);
  } catch (error) {
    return complaintFact(error, answering, {
      commandId: id,
      repeat: formatBid(lot, amount, { ...intent, repeat: id }),
    });
  }
}

function confirmationMissing(intent: BidIntent, lot: LotModel, lines: readonly string[], answering: Answering): Fact {
  const amount = parseAmount(intent.amount, lot.terms.currency);
  const error = new ClientError('confirmation-missing', lines.join(' '));
  return complaintFact(error, answering, { repeat: formatBid(lot, amount, { ...intent, yes: true }) });
}

function formatBid(lot: LotModel, amount: Amount, { yes, repeat }: Pick<BidIntent, 'yes' | 'repeat'>): string {
  const words = ['/bid', String(lot.number), formatAmount(amount, lot.terms.currency)];
  if (yes === true) words.push('--yes');
  if (repeat !== undefined) words.push('--repeat', repeat);
  return words.join(' ');
}

function progressOf({ onProgress }: Sending): Pick<Sending, 'onProgress'> {
  return onProgress === undefined ? {} : { onProgress };
}

function commandAnswer(
  command: 'list' | 'bid',
  result: CommandResult,
  about: Partial<AboutLot> & { readonly amount?: number },
  answering: Answering,
): Fact {
  const head = { ...answering, command, commandId: result.id };
  if (result.outcome === 'rejected') {
    const { reason } = result;
    return { type: 'rejected', data: { ...head, ...about, reason, advice: adviceForRejection(reason) } };
  }
  const { lot, number, position } = result;
  return { type: 'accepted', data: { ...head, ...about, lot, number, position } };
}
