/** Disclosure: on evidence of a sale, each of its two parties may learn who the other is. Nobody else may, the DMS least. */
import { ProtocolError } from '../../shared/errors.ts';
import type { Clock } from '../../shared/time/clock.ts';
import type { DiscloseAnswer, DiscloseRequest } from '../../shared/wire/http-endpoints.ts';
import type { Subject } from '../../shared/wire/vocabulary.ts';
import type { AuditTrail } from '../audit/audit-journal.ts';
import type { Registry } from '../certificate-authority/registry.ts';
import { demandAlive, type SignerLives } from '../guard/certificate-life.ts';
import type { DisclosedSale, DisclosureRecords } from '../store/disclosure-records.ts';
import { describeParty, type SealingParts, sealIdentities } from './seal-identities.ts';
import { type EvidenceTrust, type VerifiedSale, verifyEvidence } from './verify-evidence.ts';
import { type RequestTrust, verifyRequest } from './verify-request.ts';

export interface DisclosureParts extends RequestTrust, EvidenceTrust, SealingParts {
  readonly registry: Registry;
  readonly disclosures: DisclosureRecords;
  readonly audit: AuditTrail;
  /** The certificates that stand behind `signer` now. */
  readonly chain: () => SignerLives;
  readonly clock: Clock;
}

export class DisclosureOffice {
  readonly #parts: DisclosureParts;

  constructor(parts: DisclosureParts) {
    this.#parts = parts;
  }

  /**
   * The two envelopes. Of one lot, one sale is disclosed for ever: the same sale again gets the same words, freshly
   * sealed; another one nothing.
   * @throws ProtocolError 'evidence-invalid' | 'disclosure-conflict', what `verifyRequest` throws, and what stops us
   */
  async disclose(request: DiscloseRequest): Promise<DiscloseAnswer> {
    const { evidence, node } = await verifyRequest(request, this.#parts);
    const sale = await verifyEvidence(evidence, this.#parts);
    const { chain, clock } = this.#parts;
    // What could not be signed is not kept as disclosed.
    demandAlive(chain(), clock.now());
    return sealIdentities(this.#keep(sale, node), this.#parts);
  }

  #keep(sale: VerifiedSale, node: Subject): DisclosedSale {
    const { registry, authority, disclosures, audit } = this.#parts;
    const describe = (role: 'seller' | 'winner') => JSON.stringify(describeParty(sale, role, registry, authority));
    const disclosed = { sale: sale.identity, seller: describe('seller'), winner: describe('winner') };
    const { house, lot } = sale;
    return audit.within((record) => {
      const { again, ...kept } = disclosures.keep(house, lot, disclosed);
      if (kept.sale !== sale.identity) throw new ProtocolError('disclosure-conflict');
      record({ type: 'sale-disclosed', by: 'node', house, lot, node, again });
      return kept;
    });
  }
}
