/** What a participant looks up and keeps beside the auction itself: receipts, histories, audits, the watch list, who one is; and the operator's clock. */
import { sha256 } from '../shared/crypto/digest.ts';
import { TrustedServiceClient } from '../shared/http-client.ts';
import type { HouseId, Instant, LotId, Subject } from '../shared/wire/vocabulary.ts';
import type { AuditWish, JournalAudit } from './audit/audit-house.ts';
import { ClientError } from './client-error.ts';
import type { AuctionClientEvents } from './client-events.ts';
import type { EventHub } from './event-hub.ts';
import { WatchList } from './identity/watch-list.ts';
import type { OpenedAccess } from './open-access.ts';
import { LogApi, MAX_PAGE_BYTES } from './proof/log-api.ts';
import { LotHistories } from './proof/lot-history.ts';
import { OwnReceipts } from './proof/own-receipts.ts';
import { ProofStore } from './proof/proof-store.ts';
import type { Message } from './store/update.ts';
import type { ClockStep } from './trusted-clock.ts';

export interface BackOfficeParts extends OpenedAccess {
  /** The participant's home. */
  readonly directory: string;
  readonly dmsUrl: string;
  readonly trustedServiceUrl: string;
  readonly operatorToken: string | undefined;
}

/** Who a participant is, and by what that is shown. */
export interface IdentityCard {
  readonly username: string;
  /** How the other party of a sale may reach this person. */
  readonly contact?: string;
  /** The thumbprint of the identity key (RFC 7638). */
  readonly subject: Subject;
  /** SHA-256 of the public key in DER (SubjectPublicKeyInfo, RFC 5280 section 4.1), in hexadecimal. */
  readonly keyFingerprint: string;
  readonly certificate: { readonly serial: string; readonly notBefore: Instant; readonly notAfter: Instant };
  /** SHA-256 of the root certificate's DER, in hexadecimal. */
  readonly root: string;
  readonly house: HouseId;
  readonly dmsUrl: string;
  readonly trustedServiceUrl: string;
  /** The folder with everything that this participant keeps. */
  readonly home: string;
}

export class BackOffice {
  readonly histories: LotHistories;
  readonly receipts: OwnReceipts;
  readonly watchList: WatchList;
  readonly #parts: BackOfficeParts;
  readonly #log: LogApi;
  readonly #closing = new AbortController();

  constructor(parts: BackOfficeParts) {
    const { api, directory, dmsUrl } = parts;
    this.#parts = parts;
    this.#log = new LogApi(dmsUrl, api.root, { maxReplyBytes: MAX_PAGE_BYTES });
    this.histories = new LotHistories(this.#log);
    this.receipts = new OwnReceipts({ root: api.root, store: new ProofStore(directory) });
    this.watchList = new WatchList(directory);
  }

  /** What the home knows of earlier runs. Throws `home-unreadable`. */
  async recall(): Promise<Message[]> {
    const [lots, earlierBids] = await Promise.all([this.watchList.load(), this.receipts.bids()]);
    return [
      { type: 'watched', lots },
      { type: 'recalled', earlierBids },
    ];
  }

  /** Remembers what is announced. */
  listen(events: EventHub<AuctionClientEvents>): void {
    events.on('announcement', (announcement) => {
      if (announcement.event === 'someone_bid') this.histories.hear(announcement);
    });
  }

  /** See `AuctionClient.verify`. */
  async verify(wish: AuditWish): Promise<JournalAudit> {
    const { dmsUrl, trustedServiceUrl, api } = this.#parts;
    // Auditors bring rules of their own, which nobody else needs.
    const { auditHouse } = await import('./audit/audit-house.ts');
    return auditHouse({ dmsUrl, trustedServiceUrl, root: api.root, signal: this.#closing.signal }, wish);
  }

  identity(house: HouseId): IdentityCard {
    const { access, api, dmsUrl, trustedServiceUrl, directory } = this.#parts;
    const { username, contact, certificate } = access;
    const { serialHex: serial, notBefore, notAfter, publicKey } = certificate;
    const key = publicKey.export({ type: 'spki', format: 'der' });
    return {
      username,
      ...(contact === undefined ? {} : { contact }),
      subject: access.signer.kid,
      keyFingerprint: Buffer.from(sha256(key)).toString('hex'),
      certificate: { serial, notBefore, notAfter },
      root: api.root.sha256,
      house,
      dmsUrl,
      trustedServiceUrl,
      home: directory,
    };
  }

  /** Sets the simulated clock; without a time, back to the machine's. Throws `operator-token-missing`, and what the service refuses. */
  async setTime(time?: Instant): Promise<ClockStep> {
    const { api, trustedServiceUrl: baseUrl, operatorToken } = this.#parts;
    if (operatorToken === undefined) throw new ClientError('operator-token-missing');
    // A connection of its own: what a participant asks for is never asked for as the operator.
    const service = new TrustedServiceClient({ baseUrl, root: api.root, operatorToken });
    const before = api.clock.now();
    try {
      await (time === undefined ? service.resetTime() : service.setTime(time));
    } finally {
      await service.close();
    }
    await api.syncTime();
    const after = api.clock.read();
    return { time: after, byMs: after.at - before };
  }

  /** What is watched when this lot is added, or taken away; on disk when this resolves. */
  async toggleWatch(watched: ReadonlySet<LotId>, lot: LotId): Promise<ReadonlySet<LotId>> {
    const next = new Set(watched);
    if (!next.delete(lot)) next.add(lot);
    return this.watchList.keep(next);
  }

  /** Ends what is under way. */
  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    await this.#log.close();
  }
}
