/** Private notices: opened, verified, kept on disk, told, and only then acknowledged, so that none can be lost on the way. */
import { decodeBase64url, utf8 } from '../shared/bytes.ts';
import { openWithKeys } from '../shared/crypto/ecies-box.ts';
import { parseJws, type UnverifiedJws, verifyJws } from '../shared/crypto/jws.ts';
import { ProtocolError } from '../shared/errors.ts';
import { parseCertificate } from '../shared/pki/verify-certificate.ts';
import { type AuctionClosed, Disclosure } from '../shared/wire/announcements.ts';
import { untilItSucceeds } from './connection/back-off.ts';
import type { DmsSession } from './connection/dms-session.ts';
import { remedyFor } from './connection/recovery.ts';
import type { TrustedServiceApi } from './connection/trusted-service-api.ts';
import type { Access } from './identity/access.ts';
import type { KeyStore } from './identity/key-store.ts';

/** How a lot that we offered or won has ended. `counterparty` is who the other one is; there is none without a sale. */
export interface Sale {
  readonly notice: Omit<AuctionClosed, 'envelope'>;
  readonly counterparty?: Disclosure;
}

export interface NoticeDeskParts {
  readonly api: Pick<TrustedServiceApi, 'authority' | 'disclosureKey'>;
  readonly access: Pick<Access, 'agreementKeys'>;
  readonly store: Pick<KeyStore, 'keepNotice' | 'notices'>;
  readonly link: { session(signal: AbortSignal): Promise<Pick<DmsSession, 'acknowledge'>> };
  readonly signal: AbortSignal;
  /** Called once for each notice and run, when it is kept on disk. */
  readonly onSale: (sale: Sale) => void;
  readonly onTrouble: (error: unknown, notice: AuctionClosed) => void;
}

/** Between two attempts to fetch a key or to acknowledge. */
const MAX_DELAY_MS = 5_000;

export class NoticeDesk {
  readonly #parts: NoticeDeskParts;
  /** Told in this run: a notice that comes again is only acknowledged again. */
  readonly #told = new Set<string>();
  /** One after the other, in the order in which they came. */
  #work: Promise<void> = Promise.resolve();

  constructor(parts: NoticeDeskParts) {
    this.#parts = parts;
  }

  /** Takes notices in. What is wrong with one goes to `onTrouble`, and that one stays unacknowledged. */
  take(notices: readonly AuctionClosed[]): void {
    for (const notice of notices) {
      this.#work = this.#work.then(() => this.#takeOne(notice)).catch((error) => this.#parts.onTrouble(error, notice));
    }
  }

  /**
   * Every sale that this home keeps, from earlier runs too. The disclosures were verified before they were kept, by
   * keys that may have left the key set since. `wanted` leaves others closed.
   */
  async kept(wanted: (notice: AuctionClosed) => boolean = () => true): Promise<Sale[]> {
    const notices = await this.#parts.store.notices();
    return notices.filter(wanted).map((notice) => {
      const disclosure = this.#open(notice);
      return saleOf(notice, disclosure?.claims);
    });
  }

  async #takeOne(notice: AuctionClosed): Promise<void> {
    const key = `${notice.lot} ${notice.role}`;
    if (!this.#told.has(key)) {
      const sale = saleOf(notice, await this.#patiently(() => this.#verify(notice)));
      await this.#parts.store.keepNotice(notice);
      this.#told.add(key);
      this.#parts.onSale(sale);
    }
    await this.#patiently(async () => {
      const session = await this.#parts.link.session(this.#parts.signal);
      await session.acknowledge(notice.lot);
    });
  }

  /** The claims about the other party, as the Trusted Service signed them. */
  async #verify(notice: AuctionClosed): Promise<Disclosure | undefined> {
    const disclosure = this.#open(notice);
    if (disclosure === undefined) return undefined;
    const { api } = this.#parts;
    // The Trusted Service signed it.
    const key = await api.disclosureKey(disclosure.kid);
    if (key === undefined) throw new ProtocolError('signature-invalid', 'the disclosure is by an unknown signer');
    const claims = await verifyJws(disclosure.text, { typ: 'disclosure+jwt', key, schema: Disclosure });
    // It is this authority's, about this lot.
    if (claims.iss !== api.authority) throw new ProtocolError('evidence-invalid', 'a disclosure of another authority');
    if (claims.lot !== notice.lot) throw new ProtocolError('evidence-invalid', 'a disclosure about another lot');
    // It describes the other party, not us.
    if (claims.role === notice.role) throw new ProtocolError('evidence-invalid', 'a disclosure of our own side');
    // The certificate in it is that person's.
    if (parseCertificate(claims.certificate).subject !== claims.subject) {
      throw new ProtocolError('evidence-invalid', 'the certificate belongs to somebody else');
    }
    return claims;
  }

  /** Opens the envelope with whichever agreement key it was sealed to; nothing is verified yet. */
  #open({ envelope, outcome }: AuctionClosed): UnverifiedJws<Disclosure> | undefined {
    if (envelope === undefined) {
      if (outcome === 'sold') throw new ProtocolError('malformed', 'a sale without a disclosure');
      return undefined;
    }
    const sealed = decodeBase64url(envelope);
    if (sealed === undefined) throw new ProtocolError('envelope-unreadable', 'it is not base64url');
    const text = utf8.decode(openWithKeys(this.#parts.access.agreementKeys, sealed));
    return parseJws(text, 'disclosure+jwt', Disclosure);
  }

  #patiently<Result>(attempt: () => Promise<Result>): Promise<Result> {
    return untilItSucceeds(attempt, {
      // An envelope that none of our keys opens stays closed, however long we wait.
      passes: (error) => remedyFor(error) === 'wait' && !isUnreadable(error),
      signal: this.#parts.signal,
      maxDelayMs: MAX_DELAY_MS,
    });
  }
}

function saleOf({ envelope: _sealed, ...notice }: AuctionClosed, counterparty: Disclosure | undefined): Sale {
  return counterparty === undefined ? { notice } : { notice, counterparty };
}

function isUnreadable(error: unknown): boolean {
  return error instanceof ProtocolError && error.code === 'envelope-unreadable';
}
