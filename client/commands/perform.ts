/** From what somebody wants to what can be said about it: one intent, one fact, for line mode and the screen alike. */
import type { CommandId, LotId } from '../../shared/wire/vocabulary.ts';
import type { AuctionClient } from '../auction-client.ts';
import type { AuditProgress } from '../audit/audit-house.ts';
import { ClientError } from '../client-error.ts';
import type { Answering, Fact, Facts } from '../line/fact.ts';
import { clockFact, complaintFact, lotFacts } from '../line/facts-of.ts';
import { auditData, identityData, lotData, ownBidsData, receiptFact, watchedData } from '../line/facts-of-answers.ts';
import type { Stage } from '../send-command.ts';
import type { LotModel } from '../store/model.ts';
import { findLot } from '../store/select.ts';
import { helpText } from './help.ts';
import type { Intent, LotReference } from './intent.ts';
import { sendBid, sendListing } from './send-intent.ts';

/** What the commands need of a client. */
export type PerformClient = Pick<
  AuctionClient,
  | 'list'
  | 'bid'
  | 'findLot'
  | 'allItems'
  | 'myItems'
  | 'myBids'
  | 'lotHistory'
  | 'watch'
  | 'receipts'
  | 'verify'
  | 'identity'
  | 'setTime'
  | 'resetTime'
  | 'time'
  | 'model'
  | 'newCommandId'
>;

/** `quit` is answered by the end itself. */
export type Answer = Fact | { readonly type: 'quit'; readonly answering: Answering };

export interface PerformOptions {
  /** What the answer says it answers. */
  readonly answering?: Answering;
  /** Hears of each stage that a bid or a listing goes through. */
  readonly onProgress?: (stage: Stage) => void;
  /** Hears how far an audit has come. */
  readonly onAudit?: (progress: AuditProgress) => void;
}

type Snapshot = Facts['snapshot'];

/**
 * Performs an intent. What a server refuses, the rules reject, or this machine lacks is an answer as well. A bid that
 * jumps is not sent without a yes: the answer is then the complaint `confirmation-missing`. Throws only what is a
 * mistake of ours.
 */
export async function perform(client: PerformClient, intent: Intent, options: PerformOptions = {}): Promise<Answer> {
  const { answering = {} } = options;
  try {
    switch (intent.name) {
      case 'list':
        return await sendListing(client, intent, { ...options, answering });
      case 'bid':
        return await sendBid(client, intent, { ...options, answering });
      case 'settime':
        return clockFact(await client.setTime(intent.time), answering);
      case 'resettime':
        return clockFact(await client.resetTime(), answering);
      case 'quit':
        return { type: 'quit', answering };
      default: {
        const data: Snapshot = await answerTo(client, intent, options);
        return { type: 'snapshot', data: { ...answering, ...data } };
      }
    }
  } catch (error) {
    return complaintFact(error, answering);
  }
}

type Question = Exclude<Intent, { readonly name: 'list' | 'bid' | 'settime' | 'resettime' | 'quit' }>;

async function answerTo(client: PerformClient, intent: Question, options: PerformOptions): Promise<Snapshot> {
  switch (intent.name) {
    case 'allitems':
    case 'myitems': {
      const { position, lots } = intent.name === 'allitems' ? await client.allItems() : await client.myItems();
      return { of: intent.name, position, lots: lotFacts(client.model, lots) };
    }
    case 'mybids':
      return ownBidsData(client.model, client.myBids());
    case 'lot':
      return oneLot(client, intent.lot);
    case 'watch':
      return watch(client, intent.lot);
    case 'receipt':
      return receipts(client, intent.lot);
    case 'verify':
      return verify(client, intent.lot, options);
    case 'identity':
      return identityData(client.identity());
    case 'help':
      return { of: 'help', text: helpText(intent.command) };
  }
}

async function oneLot(client: PerformClient, reference: LotReference): Promise<Snapshot> {
  const history = await client.lotHistory(reference);
  if (history === undefined) throw new ClientError('lot-unknown');
  return lotData(client.model, history);
}

async function watch(client: PerformClient, reference: LotReference | undefined): Promise<Snapshot> {
  if (reference === undefined) return watchedData(client.model);
  const { lot } = await knownLot(client, reference);
  await client.watch(lot);
  return watchedData(client.model, lot);
}

/** The id of a command need not be that of a lot. */
async function receipts(client: PerformClient, reference: LotReference | undefined): Promise<Snapshot> {
  const about = typeof reference === 'number' ? (await knownLot(client, reference)).lot : reference;
  const found = await client.receipts(about as LotId | CommandId | undefined);
  if (found.length === 0 && about !== undefined) throw new ClientError('receipt-missing');
  return { of: 'receipt', receipts: found.map((receipt) => receiptFact(client.model, receipt)) };
}

async function verify(
  client: PerformClient,
  reference: LotReference | undefined,
  { onAudit }: PerformOptions,
): Promise<Snapshot> {
  const lot = reference === undefined ? undefined : (await knownLot(client, reference)).lot;
  const audit = await client.verify({
    ...(lot === undefined ? {} : { lot }),
    ...(onAudit === undefined ? {} : { onProgress: onAudit }),
  });
  return auditData(audit);
}

async function knownLot(client: PerformClient, reference: LotReference): Promise<LotModel> {
  const lot = findLot(client.model, reference) ?? (await client.findLot(reference));
  if (lot === undefined) throw new ClientError('lot-unknown');
  return lot;
}
