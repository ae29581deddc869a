/** The timestamp authority for RFC 3161 clients: one signature for each reply, in the same order as the JSON tokens. */
import { encodeBase64url, equalBytes } from '../../shared/bytes.ts';
import type { JwsSigner } from '../../shared/crypto/jws.ts';
import { ProtocolError } from '../../shared/errors.ts';
import { InvariantViolation } from '../../shared/invariant.ts';
import type { Certificate } from '../../shared/pki/certificate.ts';
import { TIMESTAMP_POLICIES, type TimestampPolicy } from '../../shared/timestamp/rfc3161.ts';
import { encodeTstInfo } from '../../shared/timestamp/tst-info.ts';
import { verifyTimestampResponse } from '../../shared/timestamp/verify-timestamp-response.ts';
import type { Digest } from '../../shared/wire/vocabulary.ts';
import { demandAlive, type SignerChain } from '../guard/certificate-life.ts';
import { encodeAttributes, encodeGrantedReply } from './encode-timestamp-reply.ts';
import { type Sequence, takePlaces } from './sequence.ts';
import type { TimestampQuery } from './timestamp-query.ts';

/** Replies that may be under way. Each is a signature of its own: more would only keep the batches of JSON tokens waiting. */
const MAX_UNDER_WAY = 64;

export interface Rfc3161SignerParts extends Sequence {
  /**
   * The key of the batches. It signs nothing for both: a batch's signing input begins with `e`, and signed attributes
   * with the tag of a SET.
   */
  readonly signer: JwsSigner;
  readonly chain: () => SignerChain;
  readonly maxUnderWay?: number;
  /** Hears of each timestamp. */
  readonly onIssued?: () => void;
}

export class Rfc3161Signer {
  readonly #parts: Rfc3161SignerParts;
  readonly #policy: TimestampPolicy;
  #underWay = 0;
  /** The signer's certificate under which a reply has passed our own verifier. */
  #proven: Certificate | undefined;

  constructor(parts: Rfc3161SignerParts) {
    this.#parts = parts;
    this.#policy = TIMESTAMP_POLICIES[parts.clock.kind];
  }

  /**
   * A TimeStampResp that grants the query, of the time after its arrival.
   * @throws ProtocolError 'timestamp-policy-unsupported' | 'too-many-requests' | 'clock-out-of-certificates' | 'signer-expired' | 'clock-stepped'
   */
  async reply(query: TimestampQuery): Promise<Uint8Array> {
    if (query.policy !== undefined && !equalBytes(query.policy, this.#policy.oid)) {
      throw new ProtocolError('timestamp-policy-unsupported');
    }
    if (this.#underWay >= (this.#parts.maxUnderWay ?? MAX_UNDER_WAY)) throw new ProtocolError('too-many-requests');
    this.#underWay += 1;
    try {
      return await this.#sign(query);
    } finally {
      this.#underWay -= 1;
    }
  }

  async #sign(query: TimestampQuery): Promise<Uint8Array> {
    // One look at each: certificates may be reissued, and the clock moved, while the signature is made.
    const chain = this.#parts.chain();
    const { serial, time } = takePlaces(this.#parts, 1);
    demandAlive(chain, time);
    const content = encodeTstInfo({
      policy: this.#policy.oid,
      imprint: query.imprint,
      serial,
      at: time,
      accuracy: this.#policy.accuracy,
      nonce: query.nonce,
    });
    const { attributes, signedBytes } = encodeAttributes(content, chain.signer);
    const signature = await this.#parts.signer.sign(signedBytes);
    const certificates = query.certificates ? [chain.signer, chain.issuer] : [];
    const reply = encodeGrantedReply({ content, attributes, signature, signer: chain.signer, certificates });
    if (this.#proven !== chain.signer) await this.#demandVerifiable(reply, query, chain);
    this.#parts.onIssued?.();
    return reply;
  }

  /** A key, certificate or clock that does not fit stops the service: its first reply does not leave. Later ones differ in values alone. */
  async #demandVerifiable(reply: Uint8Array, query: TimestampQuery, chain: SignerChain): Promise<void> {
    try {
      await verifyTimestampResponse(reply, {
        root: chain.root,
        imprint: encodeBase64url(query.digest) as Digest,
        nonce: query.nonce ?? 'none',
        clock: this.#parts.clock.kind,
        certificates: [chain.signer, chain.issuer],
      });
      this.#proven = chain.signer;
    } catch (cause) {
      throw new InvariantViolation('a timestamp reply passes our own verifier', { cause });
    }
  }
}
