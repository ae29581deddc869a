/** From what the client knows and hears to facts. */
import { encodeBase64url } from '../../shared/bytes.ts';
import { adviceFor, ProtocolError, type RefusalCode } from '../../shared/errors.ts';
import type { Checkpoint } from '../../shared/journal/checkpoint.ts';
import type { Announcement, CatalogueLot, Disclosure } from '../../shared/wire/announcements.ts';
import { adviceForComplaint, ClientError } from '../client-error.ts';
import type { LinkState } from '../connection/link.ts';
import { isRenewable } from '../connection/recovery.ts';
import { exitCodeFor } from '../exit-codes.ts';
import type { Sale } from '../notice-desk.ts';
import type { AnnouncementProof } from '../proof/announcement-prover.ts';
import type { Fork } from '../proof/log-watch.ts';
import type { OpenedCommitment } from '../proof/opening-book.ts';
import type { PassedMark } from '../store/countdown.ts';
import type { LotModel, Model } from '../store/model.ts';
import { nextValidBid, standing } from '../store/select.ts';
import type { ClockStep } from '../trusted-clock.ts';
import type { AboutLot, Answering, Complaint, Fact, LotFact, PersonFact } from './fact.ts';

/** A lot of the model. */
export function lotFact(lot: LotModel): LotFact {
  const { title, description, currency, startingPrice, increment, extension } = lot.terms;
  return {
    lot: lot.lot,
    number: lot.number,
    title,
    ...(description === undefined ? {} : { description }),
    currency,
    startingPrice,
    increment,
    listedAt: lot.listedAt,
    closesAt: lot.closesAt,
    ...(extension === undefined ? {} : { extension }),
    bids: lot.bids,
    ...(lot.leading === undefined ? {} : { leadingAmount: lot.leading.amount }),
    ...(lot.status === 'open' ? { nextValidAmount: nextValidBid(lot) } : {}),
    status: lot.status,
    standing: standing(lot),
  };
}

/** The lots of an answer, as the model has them. */
export function lotFacts(model: Model, lots: readonly CatalogueLot[]): LotFact[] {
  return lots.map(({ lot }) => model.lots.get(lot)).flatMap((lot) => (lot === undefined ? [] : [lotFact(lot)]));
}

/** A public announcement. */
export function announcementFact(model: Model, announcement: Announcement): Fact {
  const lot = model.lots.get(announcement.lot);
  const about = aboutLot(announcement.lot, lot);
  switch (announcement.event) {
    case 'someone_listed':
      return { type: 'listed', data: listedData(announcement, lot?.mine ?? false) };
    case 'someone_bid': {
      const { position, amount, pseudonym, at, closesAt, bids } = announcement;
      const mine = lot?.ownBids.some((bid) => bid.position === position) ?? false;
      return { type: 'bid', data: { ...about, position, amount, pseudonym, placedAt: at, closesAt, bids, mine } };
    }
    case 'item_closed': {
      const { position, outcome, at, hammerPrice, pseudonym } = announcement;
      const sold = {
        ...(hammerPrice === undefined ? {} : { hammerPrice }),
        ...(pseudonym === undefined ? {} : { pseudonym }),
      };
      return {
        type: 'closed',
        data: {
          ...about,
          position,
          outcome,
          ...sold,
          closedAt: at,
          standing: lot === undefined ? 'none' : standing(lot),
        },
      };
    }
  }
}

/** A private notice, with the person in it where there was a sale. */
export function saleFact(model: Model, { notice, counterparty }: Sale): Fact {
  const { lot, role, outcome, hammerPrice } = notice;
  const about = aboutLot(lot, model.lots.get(lot));
  const price = hammerPrice === undefined ? {} : { hammerPrice };
  if (counterparty === undefined) return { type: 'disclosed', data: { ...about, role, outcome, ...price } };
  return { type: 'disclosed', data: { ...about, role, outcome, ...price, counterparty: personFact(counterparty) } };
}

/** Who somebody is, as the Trusted Service signed it. */
export function personFact({ role, username, contact, subject }: Disclosure): PersonFact {
  return { role, username, ...(contact === undefined ? {} : { contact }), subject };
}

/** What binds the other party of a sale of ours. */
export function openedFact(model: Model, { lot, role, position, claims }: OpenedCommitment): Fact {
  const amount = claims.type === 'bid' ? { amount: claims.amount } : {};
  const about = aboutLot(lot, model.lots.get(lot));
  return { type: 'opened', data: { ...about, role, command: claims.type, position, ...amount } };
}

export function closingFact({ lot, markMs }: PassedMark): Fact {
  return { type: 'closing', data: { ...aboutLot(lot.lot, lot), closesAt: lot.closesAt, leftMs: markMs } };
}

export function clockFact({ time, byMs }: ClockStep, answering: Answering = {}): Fact {
  return { type: 'clock', data: { ...answering, time: time.at, byMs, epoch: time.epoch } };
}

export function linkFact(state: LinkState, position: number): Fact {
  if (state.up) return { type: 'link-up', data: { attempt: state.attempt, position } };
  const { reason, attempt, nextTryInMs } = state;
  const renewing = attempt === 1 && isRenewable(reason) ? { renewing: true as const } : {};
  const advice = adviceFor(reason.code);
  return { type: 'link-down', data: { reason: reason.code, advice, attempt, nextTryInMs, ...renewing } };
}

export function forkFact({ house, known, shown, error, evidence }: Fork): Fact {
  const said = ({ size, time, root }: Checkpoint) => ({ size, time, root: encodeBase64url(root) });
  const advice = adviceFor(error.code);
  return { type: 'fork', data: { house, code: error.code, advice, known: said(known), shown: said(shown), evidence } };
}

/** An announcement whose proof failed; `undefined` for one that is as it should be, of which nobody needs to hear. */
export function proofFact(
  model: Model,
  { position, lot, event, outcome, error, evidence }: AnnouncementProof,
): Fact | undefined {
  if (outcome === 'verified' || error === undefined) return undefined;
  const { code, detail } = error;
  const more = { ...(detail === undefined ? {} : { detail }), ...(evidence === undefined ? {} : { evidence }) };
  const about = aboutLot(lot, model.lots.get(lot));
  return { type: 'proof', data: { ...about, position, event, outcome, code, advice: adviceFor(code), ...more } };
}

/** What can be said about an error to whoever typed; `undefined` for one that nobody foresaw: that is a bug. */
export function complaintOf(error: unknown): Complaint | undefined {
  if (!(error instanceof ClientError) && !(error instanceof ProtocolError)) return undefined;
  const advice = error instanceof ClientError ? adviceForComplaint(error.code) : adviceFor(error.code);
  const detail = error.detail === undefined ? {} : { detail: error.detail };
  return { code: error.code, advice, ...detail, exitCode: exitCodeFor(error) };
}

/** An error as an answer; where a command may be sent again, with the line that does it. Anything that nobody foresaw goes on. */
export function complaintFact(
  error: unknown,
  answering: Answering,
  command?: { readonly commandId?: string; readonly repeat: string },
): Fact {
  const said = complaintOf(error);
  if (said === undefined) throw error;
  const repeatable = REPEATABLE.has(said.code) ? command : undefined;
  return { type: complaintType(error), data: { ...answering, ...said, ...repeatable } };
}

const REPEATABLE: ReadonlySet<string> = new Set(['outcome-unknown', 'confirmation-missing']);

/** A refusal is what a server said; that none said anything, or that we would not ask, is an error. */
export function complaintType(error: unknown): 'refused' | 'error' {
  return error instanceof ProtocolError && !SILENCE.has(error.code) ? 'refused' : 'error';
}

const SILENCE: ReadonlySet<RefusalCode> = new Set([
  'outcome-unknown',
  'dms-unreachable',
  'trusted-service-unreachable',
  'peer-untrusted',
]);

function listedData(
  { position, lot, number, terms, pseudonym, at }: Extract<Announcement, { event: 'someone_listed' }>,
  mine: boolean,
): Extract<Fact, { type: 'listed' }>['data'] {
  // As it was when it was announced; the model may know more by now.
  const fresh = {
    lot,
    number,
    terms,
    listedAt: at,
    listedPosition: position,
    closesAt: terms.closesAt,
    bids: 0,
    status: 'open',
    ownBids: [],
    history: [],
  } as const;
  return { ...lotFact({ ...fresh, termsDigest: '' as LotModel['termsDigest'], mine }), position, pseudonym, mine };
}

export function aboutLot(id: string, lot: LotModel | undefined): AboutLot {
  if (lot === undefined) return { lot: id };
  return { lot: id, number: lot.number, title: lot.terms.title, currency: lot.terms.currency };
}
