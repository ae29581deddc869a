/** What a participant may ask for: one row per event of the protocol, and who does it. */
import type { z } from 'zod';
import type { Accepted, CommandAnswer, Refused, Rejected } from '../../shared/wire/commands.ts';
import type { SignedEvidence } from '../../shared/wire/http-endpoints.ts';
import type { Receipt } from '../../shared/wire/log.ts';
import {
  Acknowledge,
  type AcknowledgeAnswer,
  type ClientToServerEvents,
  type CurrentAnswer,
  Hello,
  type HelloAnswer,
  type LotsAnswer,
  Prove,
  Query,
  type QueryAnswer,
  Renew,
  type RenewAnswer,
} from '../../shared/wire/socket-events.ts';
import type { HouseId, LotId, Position, Subject } from '../../shared/wire/vocabulary.ts';
import { authenticateRenewal, type PeerTrust } from '../admission/authenticate-peer.ts';
import { FairTurns, QUESTION_TURNS } from '../admission/fair-turns.ts';
import type { Session } from '../admission/session.ts';
import type { Lot } from '../auction/lot.ts';
import { cataloguePage } from '../auction/queries.ts';
import type { VerifiedCommand } from '../auction/verified-command.ts';
import { turnOver, unlessAway } from '../commit/until-known.ts';
import type { Recordings } from '../intake/find-repeat.ts';
import { type IntakeParts, openCommand } from '../intake/open-command.ts';
import type { OpeningDesk } from '../proof/opening-desk.ts';
import type { ReceiptDesk } from '../proof/receipt-desk.ts';
import type { Announcer } from '../publication/announcer.ts';
import { type Connection, type Handler, isFatal, Untold, withSchema } from './dispatch.ts';

export interface RequestParts {
  readonly house: Recordings & {
    readonly house: HouseId;
    readonly lots: ReadonlyMap<LotId, Lot>;
    readonly lotIds: readonly LotId[];
    readonly lotsBySeller: ReadonlyMap<Subject, readonly LotId[]>;
    readonly position: Position;
    /** Takes in what other nodes have recorded by now. */
    refresh(): Promise<void>;
    /** Whether there may be other nodes. */
    readonly isShared: boolean;
    readonly trouble: 'journal-unavailable' | undefined;
    submit(command: VerifiedCommand, evidence: SignedEvidence): Promise<Accepted | Rejected | Refused>;
    acknowledge(subject: Subject, lot: LotId): Promise<AcknowledgeAnswer>;
  };
  readonly receipts: Pick<ReceiptDesk, 'receipt'>;
  readonly openings: Pick<OpeningDesk, 'open'>;
  readonly announcer: Pick<Announcer, 'position' | 'missed'>;
  /** Sends what gathers for the next tick. */
  readonly tell: () => void;
  readonly intake: IntakeParts;
  readonly trust: PeerTrust;
  readonly limits: { takeQuestion(subject: Subject): void; countEntry(subject: Subject): void };
  /** Throws, and ends the session, if its papers are no longer good. */
  readonly demandEntitled: (session: Session) => void;
  /** Told of each command that is on its way, for those who have to wait until it is recorded. */
  readonly track: (command: Promise<unknown>) => void;
}

/** The table of requests, for `createDispatch`. */
export function createRequestHandlers(parts: RequestParts): ReadonlyMap<string, Handler> {
  const { house, limits, demandEntitled } = parts;
  // Those who look wait for each other, and those who bid and what closes for none of them.
  const looks = new FairTurns<Subject>(QUESTION_TURNS);
  /** A question by somebody who may ask, and has not asked too often: known before anybody looks at what it says. */
  const asking = <Argument>(schema: z.ZodType<Argument>, run: (session: Session, argument: Argument) => unknown) => {
    const serve = withSchema(schema, async ({ session }, argument) => (await run(session, argument)) as object);
    return async (connection: Connection, argument: unknown) => {
      demandEntitled(connection.session);
      limits.takeQuestion(connection.session.subject);
      return serve(connection, argument);
    };
  };
  const table: Record<keyof ClientToServerEvents, Handler> = {
    hello: {
      serve: withSchema(Hello, async ({ session }, argument): Promise<HelloAnswer> => {
        return { outcome: 'accepted', ...(await session.hello(argument)) };
      }),
    },
    prove: {
      serve: withSchema(Prove, async (connection, argument): Promise<CurrentAnswer> => {
        await connection.session.prove(argument);
        limits.countEntry(connection.session.subject);
        await reach(argument.since, parts);
        // No `await` between the two: nothing can be told between what the answer holds and what follows.
        connection.join();
        return currentAnswer(argument.since, parts);
      }),
      after: (connection) => connection.sendNotices(),
    },
    renew: {
      serve: asking(Renew, async (session, argument): Promise<RenewAnswer> => {
        // It costs as much cryptography as a command, and waits for its turn like one.
        const peer = await authenticateRenewal(argument, session.peer, parts.trust, (work) =>
          parts.intake.turns.take(session.subject, work),
        );
        return { outcome: 'accepted', expiresAt: session.renew(peer) };
      }),
    },
    command: {
      // Its checks begin with its size and have codes of their own, so it has no schema here.
      serve: ({ session }, argument) => {
        const answer = command(argument, session, parts);
        parts.track(answer);
        return answer;
      },
    },
    query: {
      serve: asking(Query, async ({ subject }, argument): Promise<QueryAnswer> => {
        if (argument.type === 'opening')
          return { outcome: 'accepted', opening: await parts.openings.open(subject, argument.lot) };
        if (argument.type === 'announcements') await reach(argument.since, parts);
        else await refreshIfReached(house);
        return looks.take(subject, async () => {
          await turnOver();
          return queryAnswer(argument, subject, parts);
        });
      }),
    },
    acknowledge: {
      serve: asking(Acknowledge, ({ subject }, { lot }) => house.acknowledge(subject, lot)),
    },
  };
  return new Map(Object.entries(table));
}

async function command(frame: unknown, session: Session, parts: RequestParts): Promise<CommandAnswer> {
  const { intake, house } = parts;
  const opened = await openCommand(frame, session, intake);
  const answer = 'repeat' in opened ? opened.repeat : await house.submit(opened.command, opened.evidence);
  if (answer.outcome !== 'accepted') return answer;
  return { ...answer, receipt: await receiptOf(answer.position, session, parts) };
}

/** Throws `Untold` where there is none just now, as without the trusted time: the command is recorded all the same. */
async function receiptOf(position: Position, session: Session, { receipts }: RequestParts): Promise<Receipt> {
  try {
    return await receipts.receipt(position, session);
  } catch (cause) {
    throw isFatal(cause) ? cause : new Untold('a receipt', { cause });
  }
}

function queryAnswer(query: Exclude<Query, { type: 'opening' }>, subject: Subject, parts: RequestParts): QueryAnswer {
  const { house } = parts;
  switch (query.type) {
    case 'announcements':
      return currentAnswer(query.since, parts);
    case 'allitems':
      return lotsAnswer(house.lotIds, query.after, parts);
    case 'myitems':
      return lotsAnswer(house.lotsBySeller.get(subject) ?? [], query.after, parts);
  }
}

function lotsAnswer(ids: readonly LotId[], after: number | undefined, { house }: RequestParts): LotsAnswer {
  return { outcome: 'accepted', position: house.position, ...cataloguePage(ids, house.lots, after) };
}

/**
 * Who comes from another node may have heard more than is known here: then what is recorded is looked at first, and told
 * before this one joins, who would else hear again what came before.
 */
async function reach(since: Position | undefined, { house, announcer, tell }: RequestParts): Promise<void> {
  if (since === undefined) return;
  if (since > house.position) await house.refresh();
  if (since > announcer.position) tell();
}

/** What one node has acknowledged, all show. What is known already is true also while the journal is away. */
async function refreshIfReached(house: RequestParts['house']): Promise<void> {
  if (house.isShared && house.trouble === undefined) await unlessAway(() => house.refresh());
}

/**
 * How everything stands, as of the last tick. What gathers for the next one comes with it; a snapshot may hold it already,
 * and to hear it twice does no harm. Who comes from beyond the last of them has missed nothing: what is recorded since has
 * been told to nobody.
 */
function currentAnswer(since: Position | undefined, { announcer, house }: RequestParts): CurrentAnswer {
  const { position } = announcer;
  if (since !== undefined && since > position && since <= house.position)
    return { outcome: 'accepted', position: since, catchUp: { kind: 'missed', announcements: [] } };
  const announcements = since === undefined ? undefined : announcer.missed(since);
  const catchUp =
    announcements === undefined
      ? ({ kind: 'snapshot', ...cataloguePage(house.lotIds, house.lots) } as const)
      : ({ kind: 'missed', announcements } as const);
  return { outcome: 'accepted', position, catchUp };
}
