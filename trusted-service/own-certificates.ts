/** The certificates of the service's own keys: its two signers and its TLS server. Reissued, for the same keys, in good time. */
import { createJwsSigner, type JwsSigner } from '../shared/crypto/jws.ts';
import { ProtocolError } from '../shared/errors.ts';
import { invariant } from '../shared/invariant.ts';
import { type Certificate, parseCertificate, verifyIssuance } from '../shared/pki/verify-certificate.ts';
import type { Clock } from '../shared/time/clock.ts';
import type { KeySet } from '../shared/wire/http-endpoints.ts';
import { certificateIssued } from './audit/audit-event.ts';
import type { AuditTrail } from './audit/audit-journal.ts';
import { type AuthorityKeys, certificateFile, type OwnKeyName } from './authority-keys.ts';
import type { Issuer } from './certificate-authority/issuer.ts';
import { covers } from './guard/certificate-life.ts';
import { isStopCode } from './guard/stop-book.ts';
import { demandWritten } from './store/write-failure.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** How far before now a certificate begins: readers' clocks may be behind ours. */
export const BACKDATING_MS: number = HOUR_MS;
/** TLS certificates, ours and those of DMS nodes, last this long beyond the later of the two clocks. */
export const SERVER_CERTIFICATE_LIFE_MS: number = 7 * DAY_MS;
const SIGNER_CERTIFICATE_LIFE_MS = 30 * DAY_MS;
/** A certificate that has less than this part of its life left is reissued. */
const REISSUE_BELOW = 1 / 3;

const SIGNERS = ['token-signer', 'timestamp-signer'] as const;
const OWN_KEYS = [...SIGNERS, 'trusted-service-tls'] as const;

/** A signer's certificate and those above it. */
export interface SignerChain {
  readonly root: Certificate;
  readonly issuer: Certificate;
  readonly signer: Certificate;
}

/** What a TLS server needs, as PEM. The chain is leaf, then issuing CA. */
export interface TlsIdentity {
  readonly key: string;
  readonly cert: string;
}

export interface OwnCertificatesOptions {
  readonly keys: AuthorityKeys;
  readonly issuer: Issuer;
  /** The authority's clock, by which signers are judged. */
  readonly clock: Clock;
  /** The machine's clock, by which TLS is judged. */
  readonly machine: Clock;
  /** The names of the TLS server. */
  readonly hosts: readonly string[];
  readonly audit: AuditTrail;
}

export class OwnCertificates {
  readonly tokenSigner: JwsSigner;
  readonly timestampSigner: JwsSigner;
  readonly #options: OwnCertificatesOptions;
  readonly #current = new Map<OwnKeyName, Certificate>();

  private constructor(options: OwnCertificatesOptions) {
    this.#options = options;
    this.tokenSigner = createJwsSigner(options.keys.own['token-signer']);
    this.timestampSigner = createJwsSigner(options.keys.own['timestamp-signer']);
  }

  /** Loads the certificates, and issues those that are missing, near their end, or for other host names. */
  static async load(options: OwnCertificatesOptions): Promise<OwnCertificates> {
    const certificates = new OwnCertificates(options);
    for (const name of OWN_KEYS) certificates.#load(name);
    await certificates.#maintainAtStart();
    return certificates;
  }

  /**
   * Reissues what no longer covers both clocks with a margin; called at the start, by a timer, and when the simulated
   * clock was moved. Returns the names of what was reissued.
   */
  async maintain(): Promise<OwnKeyName[]> {
    const reissued = OWN_KEYS.filter((name) => this.#isDue(name));
    for (const name of reissued) await this.#reissue(name);
    return reissued;
  }

  /** The public keys that verify timestamps, by `kid`. */
  timestampKeys(): ReadonlyMap<string, Certificate['publicKey']> {
    return new Map([[this.timestampSigner.kid, this.#certificate('timestamp-signer').publicKey]]);
  }

  /** The certificates that stand behind `timestampSigner` now. */
  timestampChain(): SignerChain {
    return this.#chain('timestamp-signer');
  }

  /** The certificates that stand behind `tokenSigner` now. */
  tokenChain(): SignerChain {
    return this.#chain('token-signer');
  }

  /**
   * Throws 'signer-expired' with the names of the certificates that are not valid now: the signers' by the authority's
   * clock, that of the TLS server by the machine's.
   */
  demandAlive(): void {
    const { clock, machine } = this.#options;
    const now = { 'token-signer': clock.now(), 'timestamp-signer': clock.now(), 'trusted-service-tls': machine.now() };
    const ended = OWN_KEYS.filter((name) => !covers(this.#certificate(name), now[name]));
    if (ended.length > 0) throw new ProtocolError('signer-expired', ended.join(', '));
  }

  /** The published key set (RFC 7517). */
  keySet(): KeySet {
    const { issuer } = this.#options;
    const keys = SIGNERS.map((name) => {
      const certificate = this.#certificate(name);
      const { x, y } = certificate.publicKey.export({ format: 'jwk' });
      invariant(x !== undefined && y !== undefined, 'a P-256 key has two coordinates');
      const x5c = [certificate, issuer.certificate].map(({ der }) => Buffer.from(der).toString('base64'));
      return { kty: 'EC', crv: 'P-256', x, y, kid: certificate.subject, alg: 'ES256', use: 'sig', x5c } as const;
    });
    return { keys };
  }

  tlsIdentity(): TlsIdentity {
    const { keys, issuer } = this.#options;
    return {
      key: keys.own['trusted-service-tls'].privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      cert: this.#certificate('trusted-service-tls').pem + issuer.certificate.pem,
    };
  }

  /** A service that can issue nothing now starts with the certificates that it has, and says why it signs nothing. */
  async #maintainAtStart(): Promise<void> {
    try {
      await this.maintain();
    } catch (error) {
      const canWait = error instanceof ProtocolError && isStopCode(error.code);
      if (!canWait || OWN_KEYS.some((name) => !this.#current.has(name))) throw error;
    }
  }

  #chain(name: (typeof SIGNERS)[number]): SignerChain {
    const { root, certificate } = this.#options.issuer;
    return { root, issuer: certificate, signer: this.#certificate(name) };
  }

  #load(name: OwnKeyName): void {
    const { keys, issuer } = this.#options;
    const pem = keys.folder.readPublic(certificateFile(name));
    if (pem === undefined) return;
    try {
      const certificate = verifyIssuance(parseCertificate(pem), name, {
        root: issuer.root,
        issuer: issuer.certificate,
      });
      if (certificate.publicKey.equals(keys.own[name].publicKey)) this.#current.set(name, certificate);
    } catch (error) {
      // Of another issuing CA, or damaged: the key is what counts, and its certificate is issued anew.
      if (!(error instanceof ProtocolError)) throw error;
    }
  }

  #isDue(name: OwnKeyName): boolean {
    const certificate = this.#current.get(name);
    if (certificate === undefined) return true;
    if (name === 'trusted-service-tls' && certificate.hosts?.join() !== this.#hosts().join()) return true;
    const { from, until, lifeMs } = this.#span(name);
    return certificate.notBefore > from || certificate.notAfter < until + lifeMs * REISSUE_BELOW;
  }

  async #reissue(name: OwnKeyName): Promise<void> {
    const { keys, issuer, machine, audit } = this.#options;
    const { from, until, lifeMs } = this.#span(name);
    const certificate = await issuer.issue({
      profile: name,
      publicKey: keys.own[name].publicKey,
      hosts: name === 'trusted-service-tls' ? this.#hosts() : undefined,
      at: machine.now(),
      notBefore: from - BACKDATING_MS,
      notAfter: until + lifeMs,
    });
    audit.within((record) => record(certificateIssued('service', name, certificate, issuer.certificate)));
    demandWritten(() => keys.folder.writePublic(certificateFile(name), certificate.pem));
    this.#current.set(name, certificate);
  }

  /** From the earlier to the later of the two clocks, as far as the issuing CA lives; and how long to live beyond. */
  #span(name: OwnKeyName): { readonly from: number; readonly until: number; readonly lifeMs: number } {
    const { machine, clock, issuer } = this.#options;
    const lifeMs = name === 'trusted-service-tls' ? SERVER_CERTIFICATE_LIFE_MS : SIGNER_CERTIFICATE_LIFE_MS;
    const { notBefore, notAfter } = issuer.certificate;
    const [first, last] = [Math.min(machine.now(), clock.now()), Math.max(machine.now(), clock.now())];
    return { from: Math.max(first, notBefore), until: Math.min(last, notAfter - lifeMs), lifeMs };
  }

  #hosts(): string[] {
    return this.#options.hosts.map((host) => host.toLowerCase());
  }

  #certificate(name: OwnKeyName): Certificate {
    const certificate = this.#current.get(name);
    invariant(certificate !== undefined, 'every own key has its certificate after loading');
    return certificate;
  }
}
