/**
 * Verifies timestamp tokens. A batch is one signature for up to thousands of tokens: it is verified once and then
 * remembered, so that the next tokens of the batch cost a few hashes each.
 */
import type { P256PublicKey } from '#platform/p256.ts';
import { decodeBase64url, encodeBase64url } from '../bytes.ts';
import { parseJws, type UnverifiedJws, verifyParsedJws } from '../crypto/jws.ts';
import { ProtocolError } from '../errors.ts';
import { rootFromInclusion } from '../merkle/inclusion.ts';
import { TimestampBatchClaims, type TimestampToken } from '../wire/timestamp-token.ts';
import type { ClockKind, CompactJws, Digest } from '../wire/vocabulary.ts';
import { imprintLeaf, type Stamp, stampOf } from './timestamp-token.ts';

/** Batches remembered. At half a kilobyte each that is 1 MB at most; a fresh token is of one of the last few. */
const REMEMBERED_BATCHES = 2_048;

type Batch = UnverifiedJws<TimestampBatchClaims>;

/** Where the path of a token leads to in a tree of this size; nothing where it can't be followed. */
export type ClimbedToken = { readonly size: number; readonly root: string } | undefined;

/**
 * The hashes of a token, which need nobody's key: for a thread that has time for them. Nothing is verified by it, and what
 * is wrong with the token is for `TimestampVerifier` to say.
 */
export function climbToRoot(token: TimestampToken, imprint: Digest): ClimbedToken {
  try {
    const size = sizeOf(token.batch);
    return { size, root: rootOf(token, imprint, size) };
  } catch (error) {
    if (error instanceof ProtocolError) return undefined;
    throw error;
  }
}

/** Remembers across tokens; one per program. */
export class TimestampVerifier {
  readonly #keys: () => ReadonlyMap<string, P256PublicKey>;
  readonly #authority: string;
  readonly #expectedClock: ClockKind | undefined;
  /** Verified batches by their exact text, the one used last at the end. */
  readonly #verified = new Map<string, Batch>();
  /** Batches whose signature is being verified. Apart from the others: a flood of bad ones must not push out good ones. */
  readonly #underWay = new Map<string, Promise<Batch>>();

  /**
   * `keys` gives the timestamp signers of now, by `kid`: a batch of a signer that left them is refused, remembered or
   * not. `authority` is the `iss` to expect. With `expectedClock`, tokens of another kind of clock are refused.
   */
  constructor(keys: () => ReadonlyMap<string, P256PublicKey>, authority: string, expectedClock?: ClockKind) {
    this.#keys = keys;
    this.#authority = authority;
    this.#expectedClock = expectedClock;
  }

  /**
   * What the token says about `imprint`. Throws `timestamp-invalid` when it is not the authority's,
   * `timestamp-wrong-clock`, and `timestamp-not-for-statement` when it was made for another imprint. `climbed` is what
   * `climbToRoot` has found for this token and this imprint.
   */
  async verify(token: TimestampToken, imprint: Digest, climbed?: ClimbedToken): Promise<Stamp> {
    // A timestamp signer of the authority signed the batch.
    const { claims } = await this.#verifyBatch(token.batch);
    // The batch is this authority's.
    if (claims.iss !== this.#authority) throw new ProtocolError('timestamp-invalid', 'of another authority');
    // Its time is of the kind that is valid here.
    if (this.#expectedClock !== undefined && claims.clock !== this.#expectedClock) {
      throw new ProtocolError('timestamp-wrong-clock');
    }
    // The batch has an imprint at this place.
    const stamp = stampOf(claims, token.index);
    // That imprint is ours.
    const root = climbed?.size === claims.size ? climbed.root : rootOf(token, imprint, claims.size);
    if (root !== claims.root) throw new ProtocolError('timestamp-not-for-statement');
    return stamp;
  }

  async #verifyBatch(text: CompactJws): Promise<Batch> {
    const batch = this.#recall(text) ?? (await (this.#underWay.get(text) ?? this.#verifySignature(text)));
    if (!this.#keys().has(batch.kid)) throw new ProtocolError('timestamp-invalid', 'of an unknown signer');
    return batch;
  }

  #recall(text: string): Batch | undefined {
    const batch = this.#verified.get(text);
    if (batch !== undefined) this.#remember(batch);
    return batch;
  }

  #verifySignature(text: CompactJws): Promise<Batch> {
    const verification = verifyBatchSignature(text, this.#keys())
      .then((batch) => {
        this.#remember(batch);
        return batch;
      })
      .finally(() => this.#underWay.delete(text));
    this.#underWay.set(text, verification);
    return verification;
  }

  /** Puts a batch at the end of the memory, and forgets the one that was not used for the longest time. */
  #remember(batch: Batch): void {
    this.#verified.delete(batch.text);
    this.#verified.set(batch.text, batch);
    if (this.#verified.size <= REMEMBERED_BATCHES) return;
    const [oldest] = this.#verified.keys();
    if (oldest !== undefined) this.#verified.delete(oldest);
  }
}

/** The last batch that `climbToRoot` has met: its tokens come together. */
let met: { readonly batch: CompactJws; readonly size: number } | undefined;

/** How many imprints a batch says it has. */
function sizeOf(batch: CompactJws): number {
  if (met?.batch !== batch)
    met = { batch, size: parseJws(batch, 'timestamp-batch+jwt', TimestampBatchClaims).claims.size };
  return met.size;
}

async function verifyBatchSignature(text: CompactJws, keys: ReadonlyMap<string, P256PublicKey>): Promise<Batch> {
  try {
    const batch = parseJws(text, 'timestamp-batch+jwt', TimestampBatchClaims);
    const key = keys.get(batch.kid);
    if (key === undefined) throw new ProtocolError('timestamp-invalid', 'of an unknown signer');
    await verifyParsedJws(batch, key);
    return batch;
  } catch (cause) {
    throw invalid(cause);
  }
}

/** The root, in base64url, that the token's path leads to from an imprint. */
function rootOf(token: TimestampToken, imprint: Digest, size: number): string {
  const path = token.path.map((text) => {
    const sibling = decodeBase64url(text);
    if (sibling === undefined) throw new ProtocolError('timestamp-invalid', 'the path is not base64url');
    return sibling;
  });
  try {
    return encodeBase64url(rootFromInclusion(imprintLeaf(imprint), token.index, size, path));
  } catch (cause) {
    throw invalid(cause);
  }
}

/** Whatever is wrong with a token is one refusal to its bearer. A mistake of ours stays one. */
function invalid(cause: unknown): unknown {
  return cause instanceof ProtocolError ? new ProtocolError('timestamp-invalid', cause.detail, { cause }) : cause;
}
