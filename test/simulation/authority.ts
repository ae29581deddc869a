/**
 * The Trusted Service of a simulation: time, stamps, disclosures and papers, at once and without a network. Papers and
 * revocation lists are really signed, and its witness is the real one. The rest it does not sign: what it has made it knows
 * again, so that a changed token is still noticed.
 */
import { encodeBase64url, utf8 } from '../../shared/bytes.ts';
import { createJwsSigner } from '../../shared/crypto/jws.ts';
import { ProtocolError } from '../../shared/errors.ts';
import type { Certificate } from '../../shared/pki/verify-certificate.ts';
import type { Stamp } from '../../shared/timestamp/timestamp-token.ts';
import type { DiscloseAnswer, DiscloseRequest, KeySet } from '../../shared/wire/http-endpoints.ts';
import type { Cosignature, WitnessedAnswer, WitnessRequest } from '../../shared/wire/log.ts';
import type { Renew } from '../../shared/wire/socket-events.ts';
import type { TimestampToken } from '../../shared/wire/timestamp-token.ts';
import type { CompactJws, Digest, HouseId, Instant, LotId, Serial, Subject } from '../../shared/wire/vocabulary.ts';
import type { SeenCheckpoint, WitnessRecords } from '../../trusted-service/store/witness-records.ts';
import { Witness, type WitnessParts } from '../../trusted-service/witness/witness.ts';
import { AUTHORITY, ISSUING, KEY_SET, ROOT, TOKEN_SIGNER } from './issuing.ts';
import { certifyGuest, issuePapers, type Lives, type Papers } from './papers.ts';
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
  readonly #current = new Map<Subject, Certificate>();
  /** By token. */
  readonly #issued = new Map<string, Papers>();
  readonly #witness: Witness;
  readonly #lists: RevocationLists;
  readonly #scheduler: Scheduler;
  /** What was disclosed of each lot: one sale for ever. */
  readonly #sales = new Map<LotId, string>();

  constructor(scheduler: Scheduler, { revocationsMs }: Pick<Profile, 'revocationsMs'>) {
    this.#scheduler = scheduler;
    this.#lists = new RevocationLists(LIST_LIVES * revocationsMs);
    this.#witness = createWitness(() => this.now());
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

  /** A fresh token. The certificate is the one of before, as long as that is good. */
  issue(subject: Subject, lives: Lives): Papers {
    this.#demandUp();
    const now = this.now();
    const current = this.#current.get(subject);
    const isGood = current !== undefined && now >= current.notBefore && now + lives.tokenMs < current.notAfter;
    const certificate = isGood ? current : certifyGuest(subject, this.#certificates++, now, lives);
    this.#current.set(subject, certificate);
    return issuePapers(certificate, now, lives);
  }

  /** The token of papers as it travels, by which they are known again. */
  async tokenOf(papers: Papers): Promise<CompactJws> {
    const token = await papers.token();
    this.#issued.set(token, papers);
    return token;
  }

  /** What was issued like this; `undefined` if these two were never issued together. */
  issuedAs({ token, certificate }: Renew): Papers | undefined {
    const papers = this.#issued.get(token);
    return papers?.certificate.pem === certificate ? papers : undefined;
  }

  /** Takes back the certificate that this participant got last. A new one can be had. */
  revoke(subject: Subject): void {
    const certificate = this.#current.get(subject);
    if (certificate !== undefined) this.#lists.revoke(certificate, this.now());
    this.#current.delete(subject);
  }

  keySet(): KeySet {
    this.#demandUp();
    return KEY_SET;
  }

  /** The list of now, for who has the one with this entity tag. */
  revocationList(etag: string | undefined): PublishedList | 'unchanged' {
    this.#demandUp();
    const list = this.#lists.current(this.now());
    return list.etag === etag ? 'unchanged' : list;
  }

  /** How much of a house's journal its witness has seen. */
  witnessed(house: HouseId): WitnessedAnswer {
    this.#demandUp();
    return this.#witness.seen(house);
  }

  /** The witness's word on a checkpoint. */
  async cosign(request: WitnessRequest): Promise<Cosignature> {
    this.#demandUp();
    return this.#witness.cosign(request);
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

/** The real one. What it has seen is in memory, which outlasts every town; nobody revokes its nodes. */
function createWitness(now: () => Instant): Witness {
  const last = new Map<HouseId, SeenCheckpoint>();
  const seen: Pick<WitnessRecords, keyof WitnessRecords> = {
    last: (house) => last.get(house),
    keep: (house, checkpoint) => void last.set(house, checkpoint),
    keepConflict: () => false,
  };
  const { keys, certificate: signer } = TOKEN_SIGNER;
  const parts: Omit<WitnessParts, 'issuer' | 'records' | 'seen'> = {
    ...{ authority: AUTHORITY, clock: { now, monotonic: now }, signer: createJwsSigner(keys) },
    audit: { within: (work) => work(() => undefined) },
    chain: () => ({ root: ROOT, issuer: ISSUING.certificate, signer }),
  };
  const records = { revocationOf: () => undefined };
  return new Witness({ ...parts, issuer: { root: ROOT }, records, seen } as typeof parts as WitnessParts);
}
