/** Proofs that a request's sender holds a certificate's key: for this authority, of this minute, and each only once. */
import type { z } from 'zod';
import { type JwsType, parseJws, verifyJws } from '../../shared/crypto/jws.ts';
import { ProtocolError } from '../../shared/errors.ts';
import type { Certificate } from '../../shared/pki/verify-certificate.ts';
import type { Clock } from '../../shared/time/clock.ts';
import { PROOF_MAX_AGE_MS } from '../../shared/wire/limits.ts';
import type { Subject } from '../../shared/wire/vocabulary.ts';
import type { SpentProofs } from '../store/spent-proofs.ts';

/** The claims that every proof has. */
interface ProofClaims {
  readonly aud: string;
  readonly iat: number;
  readonly jti: string;
}

/** What a proof has to be. */
export interface ExpectedProof<Claims extends ProofClaims> {
  readonly typ: Extract<JwsType, 'proof+jwt' | 'revocation-proof+jwt'>;
  readonly schema: z.ZodType<Claims>;
}

/** A sender that goes by our own signed time is at most this much ahead of us. */
const MAX_LEAD_MS = 5_000;

export class PossessionProofs {
  readonly #spent: SpentProofs;
  readonly #authority: string;
  readonly #clock: Clock;

  constructor(spent: SpentProofs, authority: string, clock: Clock) {
    this.#spent = spent;
    this.#authority = authority;
    this.#clock = clock;
  }

  /** The thumbprint of the key that is said to have signed. Throws 'proof-invalid' for what is no such proof. */
  signerOf<Claims extends ProofClaims>(proof: string, { typ, schema }: ExpectedProof<Claims>): string {
    try {
      return parseJws(proof, typ, schema).kid;
    } catch (error) {
      throw invalid(error);
    }
  }

  /**
   * Verifies the proof. It counts once it is spent.
   * @throws ProtocolError 'proof-invalid' | 'proof-expired'
   */
  async verify<Claims extends ProofClaims>(
    proof: string,
    expected: ExpectedProof<Claims>,
    certificate: Certificate,
  ): Promise<Claims> {
    // The certificate's key signed it, as what is asked for here.
    const claims = await this.#verifySignature(proof, expected, certificate);
    // It was meant for this authority.
    if (claims.aud !== this.#authority) throw new ProtocolError('proof-invalid', 'aud: it is for another authority');
    // It is of the present.
    const age = this.#clock.now() - claims.iat;
    if (!(age >= -MAX_LEAD_MS && age <= PROOF_MAX_AGE_MS)) throw new ProtocolError('proof-expired');
    return claims;
  }

  /** Spends a verified proof, in the transaction with what it is good for. Throws 'proof-replayed' if it was used before. */
  spend(subject: Subject, { jti, iat }: ProofClaims): void {
    if (!this.#spent.spend(subject, jti, iat + PROOF_MAX_AGE_MS)) throw new ProtocolError('proof-replayed');
  }

  async #verifySignature<Claims extends ProofClaims>(
    proof: string,
    { typ, schema }: ExpectedProof<Claims>,
    { publicKey, subject }: Certificate,
  ): Promise<Claims> {
    try {
      return await verifyJws(proof, { typ, schema, key: publicKey, kid: subject });
    } catch (error) {
      throw invalid(error);
    }
  }
}

/** Whatever is wrong with its form or signature: to its sender it is one thing. A mistake of ours stays one. */
function invalid(cause: unknown): unknown {
  return cause instanceof ProtocolError ? new ProtocolError('proof-invalid', cause.detail, { cause }) : cause;
}
