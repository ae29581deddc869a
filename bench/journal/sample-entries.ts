/** Entries for a journal that are as large as those of real bids, and as hard to compress. */
import { randomBytes, randomUUID } from 'node:crypto';
import type { Entry } from '../../dms/journal/journal.ts';
import { encodeBase64url } from '../../shared/bytes.ts';
import { canonicalJson } from '../../shared/canonical-json.ts';
import { SALT_BYTES } from '../../shared/journal/record.ts';
import { LotId } from '../../shared/wire/vocabulary.ts';

/** Lots that are bid on in turns. */
const LOTS = 20;
const DIGEST_BYTES = 32;
/** Lengths that were seen in a house: the signed batch of a token and its path, a bid's statement, a certificate. */
const BATCH_BYTES = 330;
const PATH_LENGTH = 5;
const STATEMENT_BYTES = 330;
const CERTIFICATE_BYTES = 690;

const text = (bytes: number) => encodeBase64url(randomBytes(bytes));

/** Makes entries in the order in which a journal takes them: each lot's versions follow one another. */
export class SampleEntries {
  readonly #lots = Array.from({ length: LOTS }, () => LotId.parse(randomUUID()));
  #made = 0;

  make(count: number): Entry[] {
    return Array.from({ length: count }, () => this.#one());
  }

  #one(): Entry {
    const lot = this.#lots[this.#made % LOTS] as LotId;
    const expect = Math.floor(this.#made / LOTS);
    this.#made += 1;
    const told = {
      ...{ v: 1, kind: 'bid', lot, amount: 100 + this.#made, closesAt: 1_763_690_000_000, withheld: false },
      ...{ pseudonym: text(DIGEST_BYTES), imprint: text(DIGEST_BYTES) },
      timestamp: { batch: text(BATCH_BYTES), index: 7, path: Array.from({ length: PATH_LENGTH }, () => text(32)) },
    };
    const held = {
      ...{ kind: 'signed', statement: text(STATEMENT_BYTES), subject: text(DIGEST_BYTES) },
      certificate: text(CERTIFICATE_BYTES),
    };
    const record = {
      publicPart: canonicalJson(told),
      commitment: randomBytes(DIGEST_BYTES),
      salt: randomBytes(SALT_BYTES),
      privatePart: canonicalJson(held),
    };
    return { id: randomUUID(), lot, expect, record };
  }
}

/** What an entry's record has in bytes, before any engine adds its own. */
export function recordBytes({ record }: Entry): number {
  return Object.values(record).reduce((total, part: Uint8Array) => total + part.byteLength, 0);
}
