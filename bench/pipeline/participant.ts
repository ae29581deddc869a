/** One participant with the client that everybody has, in a process of its own: how long a bid takes when nobody else is at work. */
import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { AuctionClient } from '../../client/auction-client.ts';
import { KeyStore } from '../../client/identity/key-store.ts';
import { HttpConnection } from '../../shared/http-connection.ts';
import { verifyRoot } from '../../shared/pki/verify-certificate.ts';
import { ANNOUNCEMENT_TICK_MS } from '../../shared/wire/limits.ts';
import type { Amount, LotId } from '../../shared/wire/vocabulary.ts';
import { answerQuestions } from '../answer-questions.ts';
import type { Alone, ParticipantAnswer, ParticipantQuestion } from './messages.ts';
import { frameOf, Wire } from './wire.ts';

/** It keeps no step with the ticks of a house. */
const LONGEST_PAUSE_MS = 3 * ANNOUNCEMENT_TICK_MS;
const CONNECT_LIMIT_MS = 30_000;
/** As long as a bid that was sealed, and as what is sent to be stamped. */
const COMMAND = frameOf('command', 'x'.repeat(1_900));
const IMPRINT = JSON.stringify({ imprint: 'x'.repeat(43) });

interface Connected {
  readonly client: AuctionClient;
  readonly https: HttpConnection;
  readonly wire: Wire;
}

let connected: Connected | undefined;

async function connect({ enrolment, urls }: ParticipantQuestion & { readonly type: 'connect' }): Promise<Connected> {
  const { folder, trustedServiceUrl, rootPem, usernames } = enrolment;
  const [username = ''] = usernames;
  const root = verifyRoot(rootPem);
  const store = await KeyStore.open(join(folder, username));
  const to = { store, root, trustedServiceUrl, dmsUrl: urls.house, username, connectLimitMs: CONNECT_LIMIT_MS };
  const trust = { root, profile: 'dms-node' } as const;
  return {
    client: await AuctionClient.connect(to),
    https: new HttpConnection({ baseUrl: urls.empty, timeoutMs: CONNECT_LIMIT_MS, maxReplyBytes: 1_024, trust }),
    wire: await Wire.open(urls.empty, root, {}),
  };
}

async function bid({ client, https, wire }: Connected, count: number): Promise<Alone> {
  const alone = { bidMs: [] as number[], stages: {} as Record<string, number[]>, emptyMs: [] as number[] };
  const [lot] = (await client.allItems()).lots;
  if (lot === undefined) throw new Error('there is no lot');
  let amount = lot.leadingAmount ?? lot.terms.startingPrice;
  const one = async () => {
    amount = (amount + lot.terms.increment) as Amount;
    alone.bidMs.push(await timed(() => bidOnce(client, lot.lot, amount, alone.stages)));
  };
  const trips = async () => {
    alone.emptyMs.push(await timed(() => twoRoundTrips(https, wire)));
  };
  const order = [one, trips];
  for (let made = 0; made < count; made += 1) {
    for (const measure of order) {
      await pause(randomInt(LONGEST_PAUSE_MS));
      await measure();
    }
    order.reverse();
  }
  return alone;
}

async function bidOnce(
  client: AuctionClient,
  lot: LotId,
  amount: Amount,
  stages: Record<string, number[]>,
): Promise<void> {
  const onProgress = ({ stage, afterMs }: { readonly stage: string; readonly afterMs: number }) => {
    stages[stage] ??= [];
    stages[stage].push(afterMs);
  };
  const answer = await client.bid({ lot, amount, onProgress });
  if (answer.outcome !== 'accepted') throw new Error(`not accepted: ${answer.reason}`);
}

async function twoRoundTrips(https: HttpConnection, wire: Wire): Promise<void> {
  const { status } = await https.send('POST', '/', { headers: { 'content-type': 'application/json' }, body: IMPRINT });
  if (status !== 200) throw new Error(`the empty server answered ${status}`);
  await wire.exchange(COMMAND);
}

async function timed(work: () => Promise<void>): Promise<number> {
  const from = performance.now();
  await work();
  return performance.now() - from;
}

async function answerTo(question: ParticipantQuestion): Promise<ParticipantAnswer> {
  if (question.type === 'connect') {
    connected = await connect(question);
    return { done: true };
  }
  if (connected === undefined) throw new Error('nobody is connected');
  return bid(connected, question.count);
}

answerQuestions(answerTo);
// By its own hand, so that a profile is written where one is wanted.
process.once('SIGTERM', () => process.exit());
