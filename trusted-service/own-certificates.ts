/** The certificates of the service's own keys: its two signers and its TLS server. Reissued, for the same keys, in good time. */
import type { KeyObject } from 'node:crypto';
import { jwkThumbprint } from '../shared/crypto/jwk-thumbprint.ts';
import { createJwsSigner, type JwsSigner } from '../shared/crypto/jws.ts';
import { ProtocolError } from '../shared/errors.ts';
import { invariant } from '../shared/invariant.ts';
import { type Certificate, parseCertificate, verifyIssuance } from '../shared/pki/verify-certificate.ts';
import type { Clock } from '../shared/time/clock.ts';
import type { KeySet } from '../shared/wire/http-endpoints.ts';
import { certificateIssued } from './audit/audit-event.ts';
import type { AuditTrail } from './audit/audit-journal.ts';
import { type AuthorityKeys, certificateFile, type KeyName, type OwnKeyName } from './authority-keys.ts';
import type { Issuer } from './certificate-authority/issuer.ts';
import { SIGNER_ROLES, type SignerArchive, type SignerKey, type SignerRole } from './rotation/signer-key.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** How far before now a certificate begins: readers' clocks may be behind ours. */
export const BACKDATING_MS: number = HOUR_MS;
/** TLS certificates, ours and those of DMS nodes, last this long beyond the later of the two clocks. */
export const SERVER_CERTIFICATE_LIFE_MS: number = 7 * DAY_MS;
const SIGNER_CERTIFICATE_LIFE_MS = 30 * DAY_MS;
/** A certificate that has less than this part of its life left is reissued. */
const REISSUE_BELOW = 1 / 3;

/** The timestamp signer's certificate and those above it. */
export interface TimestampChain {
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
  /** The signers' keys as they are just now; those in `keys`, for good, if absent. */
  readonly signers?: () => readonly SignerKey[];
  readonly archive?: SignerArchive;
}

interface OwnKey {
  readonly profile: OwnKeyName;
  readonly name: KeyName;
  readonly publicKey: KeyObject;
}

export class OwnCertificates {
  /**
   * Each signs with whichever key is in use. A caller that reads `kid` and calls `sign` without a pause between gets
   * both of one key: keys change between two turns of the event loop only.
   */
  readonly tokenSigner: JwsSigner = this.#signerOf('token-signer');
  readonly timestampSigner: JwsSigner = this.#signerOf('timestamp-signer');
  readonly #options: OwnCertificatesOptions;
  readonly #signers: () => readonly SignerKey[];
  readonly #current = new Map<KeyName, Certificate>();

  private constructor(options: OwnCertificatesOptions) {
    this.#options = options;
    const first = SIGNER_ROLES.map((role) => {
      const keys = options.keys.own[role];
      return { role, name: role, publicKey: keys.publicKey, signer: createJwsSigner(keys) };
    });
    this.#signers = options.signers ?? (() => first);
  }

  /** Loads the certificates, and issues those that are missing, near their end, or for other host names. */
  static async load(options: OwnCertificatesOptions): Promise<OwnCertificates> {
    const certificates = new OwnCertificates(options);
    for (const key of certificates.#keys()) certificates.#load(key);
    await certificates.maintain();
    return certificates;
  }

  /**
   * Reissues what no longer covers both clocks with a margin, or is of an issuing CA that issues no more; called at the
   * start, by a timer, and when the simulated clock was moved. Returns the names of what was reissued.
   */
  async maintain(): Promise<OwnKeyName[]> {
    const reissued = this.#keys().filter((key) => this.#isDue(key));
    for (const key of reissued) await this.#reissue(key);
    return reissued.map(({ profile }) => profile);
  }

  /** A first certificate for a signer's key that nobody knows yet. It counts once it is given to `learn`. */
  certifySigner(role: SignerRole, publicKey: KeyObject): Promise<Certificate> {
    return this.#issue({ profile: role, name: role, publicKey });
  }

  /** Publishes a certificate with its key. */
  learn(name: KeyName, certificate: Certificate): void {
    this.#current.set(name, certificate);
  }

  /** The public keys that verify fresh timestamps, by `kid`. */
  timestampKeys(): ReadonlyMap<string, KeyObject> {
    const keys = this.#signers().filter(({ role }) => role === 'timestamp-signer');
    return new Map(keys.map(({ publicKey }) => [jwkThumbprint(publicKey), publicKey]));
  }

  /** The certificates that stand behind `timestampSigner` now. */
  timestampChain(): TimestampChain {
    const { issuer } = this.#options;
    const signer = this.#certificate(this.#inUse('timestamp-signer').name);
    return { root: issuer.root, issuer: issuer.authorityOf(signer), signer };
  }

  /** The published key set (RFC 7517): every signer's key that has a certificate, and the issuing CAs in use. */
  keySet(): KeySet {
    const { issuer } = this.#options;
    const keys = this.#signers().flatMap(({ name }) => {
      const certificate = this.#current.get(name);
      if (certificate === undefined) return [];
      const { x, y } = certificate.publicKey.export({ format: 'jwk' });
      invariant(x !== undefined && y !== undefined, 'a P-256 key has two coordinates');
      const x5c = [certificate, issuer.authorityOf(certificate)].map(base64);
      return [{ kty: 'EC', crv: 'P-256', x, y, kid: certificate.subject, alg: 'ES256', use: 'sig', x5c } as const];
    });
    return { keys, issuers: issuer.inUse.map(base64) };
  }

  tlsIdentity(): TlsIdentity {
    const { keys, issuer } = this.#options;
    return {
      key: keys.own['trusted-service-tls'].privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      cert: this.#certificate('trusted-service-tls').pem + issuer.certificate.pem,
    };
  }

  /** What has to have a certificate. */
  #keys(): OwnKey[] {
    const signers = this.#signers().map(({ role: profile, name, publicKey }) => ({ profile, name, publicKey }));
    const { publicKey } = this.#options.keys.own['trusted-service-tls'];
    return [...signers, { profile: 'trusted-service-tls', name: 'trusted-service-tls', publicKey }];
  }

  #inUse(role: SignerRole): SignerKey & { readonly signer: JwsSigner } {
    for (const key of this.#signers()) {
      const { signer } = key;
      if (key.role === role && signer !== undefined) return { ...key, signer };
    }
    invariant(false, 'one key of each signer is in use');
  }

  #signerOf(role: SignerRole): JwsSigner {
    const inUse = () => this.#inUse(role).signer;
    return {
      get kid() {
        return inUse().kid;
      },
      sign: (bytes) => inUse().sign(bytes),
    };
  }

  #load({ profile, name, publicKey }: OwnKey): void {
    const { keys, issuer, archive } = this.#options;
    const pem = keys.folder.readPublic(certificateFile(name));
    if (pem === undefined) return;
    try {
      const parsed = parseCertificate(pem);
      const trust = { root: issuer.root, issuer: issuer.authorityOf(parsed) };
      const certificate = verifyIssuance(parsed, profile, trust);
      if (!certificate.publicKey.equals(publicKey)) return;
      this.#current.set(name, certificate);
      // Those of before there was an archive.
      if (profile !== 'trusted-service-tls') archive?.keep(profile, certificate, trust.issuer);
    } catch (error) {
      // Of an issuing CA that is not known, or damaged: the key is what counts, and its certificate is issued anew.
      if (!(error instanceof ProtocolError)) throw error;
    }
  }

  #isDue({ profile, name }: OwnKey): boolean {
    const { issuer } = this.#options;
    const certificate = this.#current.get(name);
    if (certificate === undefined) return true;
    if (issuer.authorityOf(certificate).sha256 !== issuer.certificate.sha256) return true;
    if (profile === 'trusted-service-tls' && certificate.hosts?.join() !== this.#hosts().join()) return true;
    const { from, until, lifeMs } = this.#span(profile);
    return certificate.notBefore > from || certificate.notAfter < until + lifeMs * REISSUE_BELOW;
  }

  async #reissue(key: OwnKey): Promise<void> {
    const { keys, issuer, audit, archive } = this.#options;
    const { profile, name } = key;
    const certificate = await this.#issue(key);
    const authority = issuer.authorityOf(certificate);
    audit.within((record) => {
      record(certificateIssued('service', profile, certificate, authority));
      if (profile !== 'trusted-service-tls') archive?.keep(profile, certificate, authority);
    });
    keys.folder.writePublic(certificateFile(name), certificate.pem);
    this.#current.set(name, certificate);
  }

  #issue({ profile, publicKey }: OwnKey): Promise<Certificate> {
    const { issuer, machine } = this.#options;
    const { from, until, lifeMs } = this.#span(profile);
    return issuer.issue({
      profile,
      publicKey,
      hosts: profile === 'trusted-service-tls' ? this.#hosts() : undefined,
      at: machine.now(),
      notBefore: from - BACKDATING_MS,
      notAfter: until + lifeMs,
    });
  }

  /** From the earlier to the later of the two clocks, as far as the issuing CA lives; and how long to live beyond. */
  #span(profile: OwnKeyName): { readonly from: number; readonly until: number; readonly lifeMs: number } {
    const { machine, clock, issuer } = this.#options;
    const lifeMs = profile === 'trusted-service-tls' ? SERVER_CERTIFICATE_LIFE_MS : SIGNER_CERTIFICATE_LIFE_MS;
    const { notBefore, notAfter } = issuer.certificate;
    const [first, last] = [Math.min(machine.now(), clock.now()), Math.max(machine.now(), clock.now())];
    return { from: Math.max(first, notBefore), until: Math.min(last, notAfter - lifeMs), lifeMs };
  }

  #hosts(): string[] {
    return this.#options.hosts.map((host) => host.toLowerCase());
  }

  #certificate(name: KeyName): Certificate {
    const certificate = this.#current.get(name);
    invariant(certificate !== undefined, 'every key in use has its certificate after loading');
    return certificate;
  }
}

function base64({ der }: Certificate): string {
  return Buffer.from(der).toString('base64');
}
