/**
 * The Trusted Service of a simulation: signed time, stamps and disclosures, at once and without a network. It signs nothing:
 * what it has made it knows again, so that no thread is needed, and a changed token is still noticed.
 */
import type { Peer, PeerCertificate } from '../../dms/admission/authenticate-peer.ts';
import { encodeBase64url, utf8 } from '../../shared/bytes.ts';
import { ProtocolError } from '../../shared/errors.ts';
import type { Stamp } from '../../shared/timestamp/timestamp-token.ts';
import type { DiscloseAnswer, DiscloseRequest } from '../../shared/wire/http-endpoints.ts';
import type { Cosignature } from '../../shared/wire/log.ts';
import type { TimestampToken } from '../../shared/wire/timestamp-token.ts';
import type { CompactJws, Digest, Instant, LotId, Serial, Subject } from '../../shared/wire/vocabulary.ts';
import { issuePapers, type Lives } from './papers.ts';
import type { Profile } from './profile.ts';
import { type PublishedList, RevocationLists } from './revocation-lists.ts';
import type { Scheduler } from './scheduler.ts';
import { envelopeFor } from './vocabulary.ts';

const BEGINNING = 1_763_690_000_000;
const HEADER = encodeBase64url(
  utf8.encode(JSON.stringify({ alg: 'ES256', typ: 'timestamp-batch+jwt', kid: 'authority' })),
);

/** So often a node asks for a list before one is of no use any more. */
const LIST_LIVES = 8;

const SIGNATURE = encodeBase64url(new Uint8Array(64));

/** The signed part of a statement of this simulation. */
export interface Signed {
  readonly subject: Subject;
  readonly id: string;
}

export class Authority {
  epoch = 1;
  isUp = true;
  #offset = BEGINNING;
  #serial = 0;
  readonly #made = new Map<string, { readonly imprint: Digest; readonly stamp: Stamp }>();
  #certificates = 0;
  readonly #current = new Map<Subject, PeerCertificate>();
  readonly #lists: RevocationLists;
  readonly #scheduler: Scheduler;
  /** What was disclosed of each lot: one sale for ever. */
  readonly #sales = new Map<LotId, string>();

  constructor(scheduler: Scheduler, { revocationsMs }: Pick<Profile, 'revocationsMs'>) {
    this.#scheduler = scheduler;
    this.#lists = new RevocationLists(LIST_LIVES * revocationsMs);
  }

  now(): Instant {
    return (this.#scheduler.now + this.#offset) as Instant;
  }

  /** Sets the clock forth or back: a new epoch. By 0: the service was started anew. */
  moveClock(ms: number): void {
    this.#offset += ms;
    this.epoch += 1;
  }

  stamp(imprint: Digest): TimestampToken {
    this.#demandUp();
    this.#serial += 1;
    const said = { iss: 'authority', clock: 'simulated', epoch: this.epoch, time: this.now(), serial: this.#serial };
    const payload = encodeBase64url(utf8.encode(JSON.stringify({ ...said, size: 1, root: imprint })));
    const batch = `${HEADER}.${payload}.${SIGNATURE}` as CompactJws;
    const { epoch, time: at } = said;
    this.#made.set(batch, { imprint, stamp: { at, epoch, serial: this.#serial as Serial, clock: 'simulated' } });
    return { batch, index: 0, path: [] };
  }

  /** Stands for the keyring of the house: what the authority made, it knows again. */
  verify({ batch }: TimestampToken, imprint: Digest): Stamp {
    const made = this.#made.get(batch);
    if (made === undefined) throw new ProtocolError('timestamp-invalid');
    if (made.imprint !== imprint) throw new ProtocolError('timestamp-not-for-statement');
    return made.stamp;
  }

  /** Fresh papers, with a certificate of their own. */
  issue(subject: Subject, lives: Lives): Peer {
    this.#demandUp();
    this.#certificates += 1;
    const papers = issuePapers(subject, this.#certificates, this.now(), lives);
    this.#current.set(subject, papers.certificate);
    return papers;
  }

  /** Takes back the certificate that this participant got last. A new one can be had. */
  revoke(subject: Subject): void {
    const certificate = this.#current.get(subject);
    if (certificate !== undefined) this.#lists.revoke(certificate, this.now());
  }

  /** The list of now, for who has the one with this entity tag. */
  revocationList(etag: string | undefined): PublishedList | 'unchanged' {
    this.#demandUp();
    const list = this.#lists.current(this.now());
    return list.etag === etag ? 'unchanged' : list;
  }

  /** The witness's word on a checkpoint. */
  cosign(): Cosignature {
    this.#demandUp();
    return { cosignature: `${HEADER}.${SIGNATURE}.${SIGNATURE}` as CompactJws, chain: [] };
  }

  disclose({ evidence }: DiscloseRequest): DiscloseAnswer {
    this.#demandUp();
    const signerOf = (statement: string) => JSON.parse(statement) as Signed;
    const [seller, winner] = [signerOf(evidence.listing.statement), signerOf(evidence.bid.statement)];
    const sale = `${seller.subject} ${winner.subject} ${winner.id}`;
    const before = this.#sales.get(evidence.lot) ?? sale;
    if (before !== sale) throw new ProtocolError('disclosure-conflict');
    this.#sales.set(evidence.lot, sale);
    return {
      seller: envelopeFor('seller', evidence.lot, winner.subject),
      winner: envelopeFor('winner', evidence.lot, seller.subject),
    };
  }

  #demandUp(): void {
    if (!this.isUp) throw new ProtocolError('trusted-service-unreachable');
  }
}
