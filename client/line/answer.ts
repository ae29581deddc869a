/** One line of input and its answer: exactly one fact for each, whatever the line was. */
import { adviceForRejection } from '../../shared/wire/commands.ts';
import type { CommandId } from '../../shared/wire/vocabulary.ts';
import type { AuctionClient, CommandResult } from '../auction-client.ts';
import { ClientError } from '../client-error.ts';
import { formatAmount, parseAmount } from '../commands/currency.ts';
import { helpText } from '../commands/help.ts';
import { type InputLine, parseInputLine } from '../commands/input-line.ts';
import { type BidIntent, formatList, type Intent, type ListIntent } from '../commands/intent.ts';
import type { LotModel } from '../store/model.ts';
import type { AboutLot, Answering, Fact } from './fact.ts';
import { complaintOf, complaintType, lotFacts } from './facts-of.ts';
import type { Line } from './lines-of.ts';

/** What line mode needs of a client. */
export type LineClient = Pick<
  AuctionClient,
  'list' | 'bid' | 'findLot' | 'allItems' | 'myItems' | 'time' | 'model' | 'newCommandId'
>;

/** `quit` is answered by the end itself. */
export type Answer = Fact | { readonly type: 'quit'; readonly answering: Answering };

/** Answers line `number`. Throws only what is a mistake of ours. */
export async function answerLine(client: LineClient, line: Line, number: number): Promise<Answer> {
  let answering: Answering = { line: number };
  try {
    const input = readLine(line);
    if (input.id !== undefined) answering = { ...answering, id: input.id };
    return await answerIntent(client, input.parse(client.time().at), answering);
  } catch (error) {
    return complaint(error, answering);
  }
}

function readLine(line: Line): InputLine {
  if (line === undefined) throw new ClientError('line-too-long');
  return parseInputLine(line);
}

async function answerIntent(client: LineClient, intent: Intent, answering: Answering): Promise<Answer> {
  switch (intent.name) {
    case 'list':
      return list(client, intent, answering);
    case 'bid':
      return bid(client, intent, answering);
    case 'allitems':
    case 'myitems': {
      const answer = intent.name === 'allitems' ? await client.allItems() : await client.myItems();
      const { position } = answer;
      const lots = lotFacts(client.model, answer.lots);
      return { type: 'snapshot', data: { ...answering, of: intent.name, position, lots } };
    }
    case 'help':
      return { type: 'snapshot', data: { ...answering, of: 'help', text: helpText(intent.command) } };
    case 'quit':
      return { type: 'quit', answering };
  }
}

async function list(client: LineClient, intent: ListIntent, answering: Answering): Promise<Answer> {
  const id = intent.repeat ?? client.newCommandId();
  const { title, currency } = intent.terms;
  try {
    const result = await client.list(intent.terms, { id });
    return commandAnswer('list', result, { title, currency }, answering);
  } catch (error) {
    return complaint(error, answering, { commandId: id, repeat: formatList(intent.terms, id) });
  }
}

async function bid(client: LineClient, intent: BidIntent, answering: Answering): Promise<Answer> {
  const id = intent.repeat ?? client.newCommandId();
  const lot = await client.findLot(intent.lot);
  if (lot === undefined)
    return commandAnswer('bid', { outcome: 'rejected', reason: 'lot-not-found', id }, {}, answering);
  const { currency, title } = lot.terms;
  const amount = parseAmount(intent.amount, currency);
  try {
    const result = await client.bid({ lot: lot.lot, amount, id });
    const about = { lot: lot.lot, number: lot.number, title, currency, amount };
    return commandAnswer('bid', result, about, answering);
  } catch (error) {
    return complaint(error, answering, { commandId: id, repeat: formatBid(lot, formatAmount(amount, currency), id) });
  }
}

function formatBid(lot: LotModel, amount: string, id: CommandId): string {
  return `/bid ${lot.number} ${amount} --repeat ${id}`;
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

/** Where an outcome is unknown, the line that repeats the command comes with it. Anything that nobody foresaw goes on. */
function complaint(
  error: unknown,
  answering: Answering,
  command?: { readonly commandId: string; readonly repeat: string },
): Fact {
  const said = complaintOf(error);
  if (said === undefined) throw error;
  const repeatable = said.code === 'outcome-unknown' ? command : undefined;
  return { type: complaintType(error), data: { ...answering, ...said, ...repeatable } };
}
