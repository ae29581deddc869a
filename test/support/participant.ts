/** A participant with all keys in the test's hands, who can do everything right, and everything wrong. */
import { randomUUID } from 'node:crypto';
import { encodeBase64url, utf8 } from '../../shared/bytes.ts';
import { digestOfTerms, digestOfText } from '../../shared/crypto/digest.ts';
import { sealTo } from '../../shared/crypto/ecies.ts';
import { createJwsSigner, type JwsSigner, parseJws, signJws } from '../../shared/crypto/jws.ts';
import { generateX25519 } from '../../shared/crypto/x25519.ts';
import type { LotTerms } from '../../shared/wire/commands.ts';
import { type ConnectionAuth, SessionOffer } from '../../shared/wire/socket-events.ts';
import type { TimestampToken } from '../../shared/wire/timestamp-token.ts';
import type { CompactJws, HouseId, Subject } from '../../shared/wire/vocabulary.ts';
import type { TestService } from './house.ts';
import { type Issued, TEST_HOUSE, type TestAuthority } from './test-authority.ts';

export interface Participant extends Issued {
  readonly subject: Subject;
  readonly signer: JwsSigner;
  readonly agreement: ReturnType<typeof generateX25519>;
  /** What goes into a connection's `auth`. */
  auth(token?: Record<string, unknown>): Promise<ConnectionAuth>;
  /** The proof for an offer. `changes` replaces claims. */
  prove(offer: CompactJws, changes?: Record<string, unknown>): Promise<CompactJws>;
  /** A signed statement; `claims` without `v`, `aud` and `id` gets them. */
  sign(claims: Record<string, unknown>): Promise<CompactJws>;
}

export async function createParticipant(
  service: TestService,
  changes: Parameters<TestAuthority['issue']>[1] = {},
): Promise<Participant> {
  const agreement = generateX25519();
  const issued = await service.authority.issue('participant', { agreementKey: agreement.publicKey, ...changes });
  const { certificate, keys } = issued;
  const signer = createJwsSigner(keys);
  return {
    ...{ certificate, keys, agreement, signer, subject: certificate.subject },
    auth: async (token) => ({
      token: await service.accessToken(certificate, token),
      certificate: certificate.pem,
      chain: [service.authority.issuer.certificate.pem],
    }),
    prove: (offer, other = {}) => {
      const { session, serverNonce } = parseJws(offer, 'session-offer+jwt', SessionOffer).claims;
      const claims = { session, serverNonce, offer: digestOfText(offer), ...other };
      return signJws(signer, 'session-proof+jwt', claims);
    },
    sign: (claims) => signJws(signer, 'command+jwt', statement(claims)),
  };
}

/** The claims of a statement for the test's house, under a new id, unless they say otherwise. */
export function statement(claims: Record<string, unknown>, house: HouseId = TEST_HOUSE): Record<string, unknown> {
  return { v: 1, aud: house, id: randomUUID(), ...claims };
}

/** Terms of a lot that closes in `inMs`. */
export function sampleTerms(now: number, inMs = 60_000, changes: Partial<LotTerms> = {}): LotTerms {
  const terms = { title: 'Oak desk, 1920', currency: 'EUR', startingPrice: 10_000, increment: 100 };
  return { ...terms, closesAt: Math.floor(now + inMs), ...changes } as LotTerms;
}

/** The claims of a bid on a lot with these terms. */
export function bidOn(lot: string, terms: LotTerms, amount: number): Record<string, unknown> {
  return { type: 'bid', lot, terms: digestOfTerms(terms), amount };
}

/** Seals an envelope to a raw session key. */
export async function sealEnvelope(
  sealingKey: Uint8Array,
  envelope: { statement: string; timestamp: TimestampToken } | object,
): Promise<string> {
  return encodeBase64url(await sealTo(sealingKey, utf8.encode(JSON.stringify(envelope))));
}
