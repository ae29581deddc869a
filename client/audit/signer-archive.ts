/** The timestamp signers that a root ever had, as far as somebody shows them: each verified, whoever they came from. */

import { z } from 'zod';
import type { P256PublicKey } from '#platform/p256.ts';
import { ProtocolError } from '../../shared/errors.ts';
import { decodeBase64 } from '../../shared/pki/pem.ts';
import { type Certificate, parseCertificateDer, verifyIssuance } from '../../shared/pki/verify-certificate.ts';

/** A signer's certificate and its issuing CA's, as key sets have them. */
export const SignerChain = z.object({ kid: z.string().max(64), x5c: z.array(z.string().max(4_096)).length(2) });
export type SignerChain = z.infer<typeof SignerChain>;

interface Span {
  readonly from: number;
  readonly to: number;
}

export class SignerArchive {
  readonly keys: ReadonlyMap<string, P256PublicKey>;
  readonly #spans: ReadonlyMap<string, readonly Span[]>;

  private constructor(keys: ReadonlyMap<string, P256PublicKey>, spans: ReadonlyMap<string, readonly Span[]>) {
    this.keys = keys;
    this.#spans = spans;
  }

  /** What is no timestamp signer under this root is left out: it can't make anything valid. */
  static verify(chains: Iterable<SignerChain>, root: Certificate): SignerArchive {
    const keys = new Map<string, P256PublicKey>();
    const spans = new Map<string, Span[]>();
    const seen = new Set<string>();
    for (const chain of chains) {
      const text = chain.x5c.join();
      if (seen.has(text)) continue;
      seen.add(text);
      const verified = verifySigner(chain, root);
      if (verified === undefined) continue;
      const [signer, issuer] = verified;
      keys.set(signer.subject, signer.publicKey);
      const links = [root, issuer, signer];
      const from = Math.max(...links.map(({ notBefore }) => notBefore));
      const to = Math.min(...links.map(({ notAfter }) => notAfter));
      spans.set(signer.subject, [...(spans.get(signer.subject) ?? []), { from, to }]);
    }
    return new SignerArchive(keys, spans);
  }

  /** Whether one of the key's certificates was valid at that time, and everything above it. */
  isValidAt(kid: string, at: number): boolean {
    return this.#spans.get(kid)?.some(({ from, to }) => at >= from && at <= to) ?? false;
  }
}

function verifySigner({ x5c }: SignerChain, root: Certificate): [Certificate, Certificate] | undefined {
  try {
    const [signer, issuer] = x5c.map((text) => parseCertificateDer(decodeBase64(text) ?? new Uint8Array()));
    if (signer === undefined || issuer === undefined) return undefined;
    verifyIssuance(signer, 'timestamp-signer', { root, issuer });
    return [signer, issuer];
  } catch (error) {
    // Not of this root, or for something else: a token signer stands in the same archive.
    if (error instanceof ProtocolError) return undefined;
    throw error;
  }
}
