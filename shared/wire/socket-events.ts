/** The events of the DMS's socket: their names, arguments and answers. Event names occur as strings in this file alone. */
import { z } from 'zod';
import {
  Announcement,
  type AuctionClosed,
  CataloguePage,
  type Checkpoint,
  type ItemClosed,
  type SomeoneBid,
  type SomeoneListed,
} from './announcements.ts';
import { type CommandAnswer, Refused } from './commands.ts';
import { MAX_ENVELOPE_BYTES } from './limits.ts';
import { Opening } from './opening.ts';
import {
  Bytes32,
  CertificatePem,
  CompactJws,
  Digest,
  HouseId,
  Instant,
  LotId,
  Position,
  SessionId,
  Subject,
} from './vocabulary.ts';

/** `auth` of the Socket.IO connection. `chain` is the one issuing CA. */
export const ConnectionAuth = z.strictObject({
  token: CompactJws,
  certificate: CertificatePem,
  chain: z.array(CertificatePem).length(1),
});
export type ConnectionAuth = z.infer<typeof ConnectionAuth>;

/** `hello`: the client's nonce. */
export const Hello = z.strictObject({ nonce: Bytes32 });
export type Hello = z.infer<typeof Hello>;

/** The claims of a `typ: session-offer+jwt`, signed by the DMS's identity key. */
export const SessionOffer = z.strictObject({
  house: HouseId,
  session: SessionId,
  clientNonce: Bytes32,
  serverNonce: Bytes32,
  /** Raw X25519 public key, made for this connection alone. */
  sealingKey: Bytes32,
  sub: Subject,
  exp: Instant,
});
export type SessionOffer = z.infer<typeof SessionOffer>;

export const HelloAnswer = z.discriminatedUnion('outcome', [
  z.strictObject({
    outcome: z.literal('accepted'),
    /** The DMS's certificate, then its issuing CA. */
    chain: z.array(CertificatePem).length(2),
    offer: CompactJws,
  }),
  Refused,
]);
export type HelloAnswer = z.infer<typeof HelloAnswer>;

/** The claims of a `typ: session-proof+jwt`, signed by the participant's identity key. */
export const SessionProof = z.strictObject({ session: SessionId, serverNonce: Bytes32, offer: Digest });
export type SessionProof = z.infer<typeof SessionProof>;

/** `prove`: the proof, and the position from which announcements are wanted. */
export const Prove = z.strictObject({ proof: CompactJws, since: Position.optional() });
export type Prove = z.infer<typeof Prove>;

/** The way from a position to now: what was announced since, or, where that is too much, everything afresh. */
export const CatchUp = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('missed'), announcements: z.array(Announcement) }),
  z.strictObject({ kind: z.literal('snapshot'), ...CataloguePage.shape }),
]);
export type CatchUp = z.infer<typeof CatchUp>;

const current = { outcome: z.literal('accepted'), position: Position, catchUp: CatchUp };

/** `prove` and `query announcements`: how everything stands at `position`. */
export const CurrentAnswer = z.discriminatedUnion('outcome', [z.strictObject(current), Refused]);
export type CurrentAnswer = z.infer<typeof CurrentAnswer>;

/** `renew`: a fresh token and the certificate it is bound to, for the same subject. */
export const Renew = z.strictObject({ token: CompactJws, certificate: CertificatePem });
export type Renew = z.infer<typeof Renew>;

/** `expiresAt` is when the session ends unless it is renewed again. */
export const RenewAnswer = z.discriminatedUnion('outcome', [
  z.strictObject({ outcome: z.literal('accepted'), expiresAt: Instant }),
  Refused,
]);
export type RenewAnswer = z.infer<typeof RenewAnswer>;

/** `command`: the sealed envelope in base64url. */
export const SealedCommand = z.string().min(1).max(MAX_ENVELOPE_BYTES).brand<'SealedCommand'>();
export type SealedCommand = z.infer<typeof SealedCommand>;

/** The ordinal of the last lot that is known already. */
const after = z.int().min(0).exactOptional();

/** `query`: questions that change nothing. */
export const Query = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('allitems'), after }),
  z.strictObject({ type: z.literal('myitems'), after }),
  z.strictObject({ type: z.literal('announcements'), since: Position }),
  z.strictObject({ type: z.literal('opening'), lot: LotId }),
]);
export type Query = z.infer<typeof Query>;

/** `allitems` and `myitems`. */
export const LotsAnswer = z.discriminatedUnion('outcome', [
  z.strictObject({ outcome: z.literal('accepted'), position: Position, ...CataloguePage.shape }),
  Refused,
]);
export type LotsAnswer = z.infer<typeof LotsAnswer>;

/** `opening`: of the record by which the other party of one's own sale is bound. */
export const OpeningAnswer = z.discriminatedUnion('outcome', [
  z.strictObject({ outcome: z.literal('accepted'), opening: Opening }),
  Refused,
]);
export type OpeningAnswer = z.infer<typeof OpeningAnswer>;
export type QueryAnswer = LotsAnswer | CurrentAnswer | OpeningAnswer;

/** `acknowledge`: the private notice about this lot has arrived and is kept. */
export const Acknowledge = z.strictObject({ lot: LotId });
export type Acknowledge = z.infer<typeof Acknowledge>;

export const AcknowledgeAnswer = z.discriminatedUnion('outcome', [
  z.strictObject({ outcome: z.literal('accepted') }),
  Refused,
]);
export type AcknowledgeAnswer = z.infer<typeof AcknowledgeAnswer>;

/** What a client sends. Every event has one argument and an acknowledgement. */
export interface ClientToServerEvents {
  hello: (argument: Hello, answer: (answer: HelloAnswer) => void) => void;
  prove: (argument: Prove, answer: (answer: CurrentAnswer) => void) => void;
  renew: (argument: Renew, answer: (answer: RenewAnswer) => void) => void;
  command: (argument: SealedCommand, answer: (answer: CommandAnswer) => void) => void;
  query: (argument: Query, answer: (answer: QueryAnswer) => void) => void;
  acknowledge: (argument: Acknowledge, answer: (answer: AcknowledgeAnswer) => void) => void;
}

/** What the DMS sends. Announcements of one tick travel as one array, in order of position. */
export interface ServerToClientEvents {
  someone_listed: (announcements: SomeoneListed[]) => void;
  someone_bid: (announcements: SomeoneBid[]) => void;
  item_closed: (announcements: ItemClosed[]) => void;
  auction_closed: (notices: AuctionClosed[]) => void;
  checkpoint: (checkpoints: Checkpoint[]) => void;
  /** The reason, just before the DMS ends the session. */
  session_ended: (reason: Refused) => void;
}
