/** Sends one command of a bot, tells how it was answered, and says what that means for what the bot is bound to. */
import { ProtocolError, type RefusalCode } from '../../shared/errors.ts';
import { adviceForRejection } from '../../shared/wire/commands.ts';
import { ClientError } from '../client-error.ts';
import type { CommandResult } from '../client-options.ts';
import { EXIT, exitCodeFor } from '../exit-codes.ts';
import type { AboutLot, Face } from '../line/fact.ts';
import { complaintOf, complaintType } from '../line/facts-of.ts';
import type { BotClient } from './bot-client.ts';
import type { Answered, Bidding, Listing } from './decision.ts';

export interface PostRoom {
  readonly client: BotClient;
  /** Hears how each command was answered. */
  readonly face: Face;
}

/** How a command ended. After a `fatal` error nobody should bid on. */
export type Posted = Pick<Answered, 'outcome' | 'position' | 'code'> & { readonly fatal?: unknown };

/** Throws nothing: what went wrong is in the answer, so that it is written down before anything else happens. */
export async function post(command: Bidding | Listing, { client, face }: PostRoom): Promise<Posted> {
  const about = aboutOf(command, client);
  try {
    const { id } = command;
    const result =
      command.type === 'bidding'
        ? await client.bid({ lot: command.lot, amount: command.amount, id })
        : await client.list(command.terms, { id });
    return tellResult(face, command, result, about);
  } catch (error) {
    const complaint = complaintOf(error);
    if (complaint === undefined) return { outcome: 'unknown', fatal: error };
    const lot = about.lot === undefined ? {} : { lot: about.lot };
    face.tell({ type: complaintType(error), data: { ...complaint, commandId: command.id, ...lot } });
    return { outcome: outcomeOf(error), code: complaint.code, ...(isFatal(error) ? { fatal: error } : {}) };
  }
}

/** Codes with which a client says that no envelope left: see `sendCommand`. */
const NOTHING_LEFT: ReadonlySet<RefusalCode> = new Set(['dms-unreachable', 'trusted-service-unreachable']);

/**
 * Where an attempt before a refusal may have been recorded the client says that the outcome is unknown; of attempts in
 * an earlier call it knows nothing, the desk does. A receipt that does not verify, or can't be kept, says that it is recorded.
 */
function outcomeOf(error: unknown): Posted['outcome'] {
  if (!(error instanceof ProtocolError) || error.code === 'outcome-unknown' || isFatal(error)) return 'unknown';
  return NOTHING_LEFT.has(error.code) ? 'not-sent' : 'refused';
}

/** Who is not trusted gets no further bid; and a home that can't be written has no limits. */
function isFatal(error: unknown): boolean {
  return error instanceof ClientError || exitCodeFor(error) === EXIT.untrusted;
}

type About = Partial<AboutLot> & { readonly amount?: number };

function aboutOf(command: Bidding | Listing, { model }: BotClient): About {
  if (command.type === 'listing') return { title: command.terms.title, currency: command.terms.currency };
  const lot = model.lots.get(command.lot);
  const known = lot === undefined ? {} : { number: lot.number, title: lot.terms.title, currency: lot.terms.currency };
  return { lot: command.lot, ...known, amount: command.amount };
}

function tellResult(face: Face, { id, type }: Bidding | Listing, result: CommandResult, about: About): Posted {
  const head = { command: type === 'bidding' ? 'bid' : 'list', commandId: id, ...about } as const;
  if (result.outcome === 'rejected') {
    const { reason } = result;
    face.tell({ type: 'rejected', data: { ...head, reason, advice: adviceForRejection(reason) } });
    return { outcome: 'rejected', code: reason };
  }
  const { lot, number, position } = result;
  face.tell({ type: 'accepted', data: { ...head, lot, number, position } });
  return { outcome: 'accepted', position };
}
