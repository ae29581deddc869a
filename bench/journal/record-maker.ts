/**
 * Records as large as real ones, and in the order in which they come. The signatures in them are not real: the journal
 * and the fold take what was verified before it was written.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import type { AuctionEvent } from '../../dms/auction/events.ts';
import { evolve } from '../../dms/auction/evolve.ts';
import type { Lot } from '../../dms/auction/lot.ts';
import {
  type RecordParts,
  recordOfClosing,
  recordOfCommand,
  recordOfDisclosure,
} from '../../dms/commit/event-record.ts';
import type { Entry } from '../../dms/journal/journal.ts';
import { encodeBase64url, utf8 } from '../../shared/bytes.ts';
import { digestOfTerms, sha256 } from '../../shared/crypto/digest.ts';
import { generateP256 } from '../../shared/crypto/ecdsa.ts';
import { createJwsSigner, signJws } from '../../shared/crypto/jws.ts';
import { encodeRecord } from '../../shared/journal/record.ts';
import { LotTerms } from '../../shared/wire/commands.ts';
import type { SignedEvidence } from '../../shared/wire/http-endpoints.ts';
import type { TimestampToken } from '../../shared/wire/timestamp-token.ts';
import type { Amount, Instant, LotId, Position, Pseudonym, Serial, Subject } from '../../shared/wire/vocabulary.ts';

const BIDS_ON_A_LOT = 20;
const PARTICIPANTS = 2_000;
/** Of a batch JWS and a statement, without what is written into them here; of a certificate in PEM; of an envelope. */
const [STATEMENT, CERTIFICATE, ENVELOPE] = [560, 1_000, 900];
/** Five siblings: a stamp of a busy second. */
const PATH = Array.from({ length: 5 }, (_, level) => encodeBase64url(sha256(Uint8Array.of(level))));
/** When the first command is stamped, if nothing is said. */
const START = 1_800_000_000_000;
const OPEN_MS = 600_000;

export interface Times {
  /** When the first command is stamped; each one later by a millisecond. */
  readonly from?: number;
  /** How long after its listing a lot is to close. */
  readonly openMs?: number;
}

/** A lot that is bid on, and how an event of it becomes an entry. */
interface Life {
  readonly lot: LotId;
  readonly entry: (id: string, event: AuctionEvent, parts: RecordParts) => Entry;
  readonly state: () => Lot;
}

export class RecordMaker {
  readonly #token: readonly [header: string, signature: string];
  readonly #from: number;
  readonly #openMs: number;
  #serial = 0;
  #lots = 0;

  private constructor(token: readonly [header: string, signature: string], { from = START, openMs = OPEN_MS }: Times) {
    this.#token = token;
    this.#from = from;
    this.#openMs = openMs;
  }

  static async load(times: Times = {}): Promise<RecordMaker> {
    const jws = await signJws(createJwsSigner(generateP256()), 'timestamp-batch+jwt', {});
    const [header = '', , signature = ''] = jws.split('.');
    return new RecordMaker([header, signature], times);
  }

  /** Listing, bids, closing, disclosure and both of its receipts. */
  *lifeOfALot(): Generator<Entry, undefined> {
    const life = this.#begin();
    yield* this.#bids(life);
    const { lot, entry } = life;
    const { leading } = life.state();
    const result = { hammerPrice: leading?.amount as Amount, pseudonym: leading?.pseudonym as Pseudonym };
    const closed = { type: 'lot-closed', lot, outcome: 'sold', at: this.#at(), ...result } as const;
    const evidence = { nonce: encodeBase64url(randomBytes(32)), timestamp: this.#stamp() };
    yield entry(`closed:${lot}`, closed, recordOfClosing(closed, evidence));
    const envelopes = { seller: randomText(ENVELOPE), winner: randomText(ENVELOPE) };
    const disclosed = { type: 'sale-disclosed', lot, envelopes } as const;
    yield entry(`disclosed:${lot}`, disclosed, recordOfDisclosure(disclosed));
    for (const role of ['seller', 'winner'] as const) {
      const acknowledged = { type: 'notice-acknowledged', lot, role } as const;
      yield entry(`acknowledged:${role}:${lot}`, acknowledged, recordOfDisclosure(acknowledged));
    }
  }

  /** Listing and so many bids of a lot that stays open. */
  bidsOnALot(bids: number = BIDS_ON_A_LOT): Generator<Entry, undefined> {
    return this.#bids(this.#begin(), bids);
  }

  #begin(): Life {
    let state: Lot | undefined;
    return {
      lot: randomUUID() as string as LotId,
      entry: (id, event, parts) => {
        const expect = state?.version ?? 0;
        state = evolve(state, event, 1 as Position);
        return { id, lot: event.lot, expect, record: encodeRecord(parts.public, parts.private, randomBytes(32)) };
      },
      state: () => state as Lot,
    };
  }

  *#bids({ lot, entry }: Life, bids: number = BIDS_ON_A_LOT): Generator<Entry, undefined> {
    const number = ++this.#lots;
    const terms = LotTerms.parse({
      ...{ title: `A lot with number ${number}`, description: 'Well kept. '.repeat(10).trim(), currency: 'EUR' },
      ...{ startingPrice: 10_000, increment: 100, closesAt: this.#at() + this.#openMs },
    });
    const of = { seller: subjectOf(number), terms, termsDigest: digestOfTerms(terms) };
    const listed = { type: 'lot-listed', lot, ...this.#stamped(), number, ...of } as const;
    yield entry(lot, listed, recordOfCommand(listed, this.#evidence()));
    for (let n = 0; n < bids; n++) {
      const amount = (10_000 + n * 100) as Amount;
      const who = { bidder: subjectOf(number + n + 1), closesAt: terms.closesAt, withheld: false };
      const bid = { type: 'bid-placed', lot, ...this.#stamped(), amount, ...who } as const;
      yield entry(randomUUID(), bid, recordOfCommand(bid, this.#evidence()));
    }
  }

  #at(): Instant {
    return (this.#from + this.#serial) as Instant;
  }

  #stamped() {
    this.#serial += 1;
    return { pseudonym: randomUUID() as string as Pseudonym, at: this.#at(), serial: this.#serial as Serial };
  }

  #evidence(): SignedEvidence {
    const [statement, certificate] = [randomText(STATEMENT), randomText(CERTIFICATE)];
    return { statement, certificate, timestamp: this.#stamp() } as SignedEvidence;
  }

  #stamp(): TimestampToken {
    const serial = this.#serial + 1;
    const claims = {
      ...{ clock: 'real', epoch: 1, iss: `sha256:${'ab'.repeat(32)}`, root: PATH[0] },
      ...{ serial, size: 20, time: this.#from + serial },
    };
    const [header, signature] = this.#token;
    const payload = encodeBase64url(utf8.encode(JSON.stringify(claims)));
    return { batch: `${header}.${payload}.${signature}`, index: 0, path: PATH } as TimestampToken;
  }
}

function subjectOf(n: number): Subject {
  return encodeBase64url(sha256(utf8.encode(`participant ${n % PARTICIPANTS}`))) as Subject;
}

function randomText(length: number): string {
  return encodeBase64url(randomBytes(Math.ceil((length * 3) / 4)));
}
