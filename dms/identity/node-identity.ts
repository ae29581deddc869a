/**
 * Who this node is: its key, and the certificate that says so. TLS judges the certificate by the machine's clock and
 * participants by the trusted time, so it has to be valid on both, also when the clock is a simulated one and was set.
 */
import type { P256KeyPair } from '../../shared/crypto/ecdsa.ts';
import { createJwsSigner, type JwsSigner } from '../../shared/crypto/jws.ts';
import { ProtocolError } from '../../shared/errors.ts';
import {
  type Certificate,
  parseCertificate,
  type VerifiedCertificate,
  verifyIssuance,
} from '../../shared/pki/verify-certificate.ts';
import { buildCertificationRequest } from '../../shared/pki/x509-builder.ts';
import type { PrivateFolder } from '../../shared/private-folder.ts';
import { StartError } from '../../shared/start-error.ts';
import type { Clock } from '../../shared/time/clock.ts';
import type { SignCsrAnswer } from '../../shared/wire/http-endpoints.ts';
import type { CertificatePem, HouseId, Instant } from '../../shared/wire/vocabulary.ts';
import { loadNodeKey } from './node-key.ts';

export interface NodeIdentityParts {
  readonly folder: PrivateFolder;
  readonly root: Certificate;
  readonly house: HouseId;
  /** The names and addresses under which participants reach this node. */
  readonly hosts: readonly string[];
  readonly service: { signCsr(request: NodeRequest): Promise<SignCsrAnswer> };
  readonly clock: Clock;
  readonly time: { now(): Instant };
}

interface NodeRequest {
  readonly csr: string;
  readonly hosts: string[];
  readonly house: HouseId;
}

interface NodeCertificate {
  readonly certificate: VerifiedCertificate<'dms-node'>;
  readonly issuer: Certificate;
}

const FILE = 'node-certificate.pem';
/** Renewed so long before its end (a node's certificate lives for 7 days): the Trusted Service may be away for a weekend. */
const RENEW_BEFORE_MS = 3 * 24 * 3_600_000;

export class NodeIdentity {
  readonly signer: JwsSigner;
  readonly #parts: NodeIdentityParts;
  readonly #keys: P256KeyPair;
  #current: NodeCertificate;

  private constructor(parts: NodeIdentityParts, keys: P256KeyPair, current: NodeCertificate) {
    this.#parts = parts;
    this.#keys = keys;
    this.#current = current;
    this.signer = createJwsSigner(keys);
  }

  /**
   * The identity of this folder; certified by the Trusted Service if there is no usable certificate.
   * @throws StartError without the operator's token; ProtocolError with what the Trusted Service refuses
   */
  static async load(parts: NodeIdentityParts): Promise<NodeIdentity> {
    const keys = loadNodeKey(parts.folder);
    const kept = await readKept(parts, keys);
    if (kept !== undefined && !isDue(kept, parts)) return new NodeIdentity(parts, keys, kept);
    return new NodeIdentity(parts, keys, await certify(parts, keys));
  }

  /** The certificate, then its issuing CA's. */
  get chain(): readonly [CertificatePem, CertificatePem] {
    const { certificate, issuer } = this.#current;
    return [certificate.pem, issuer.pem];
  }

  /** What a TLS server shows: never the root, which everybody has to have already. */
  get tls(): { readonly key: string; readonly cert: string } {
    const key = this.#keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    return { key, cert: this.chain.join('') };
  }

  /** Gets a new certificate if this one ends soon on either clock. Tells whether it did. Throws what the service refuses. */
  async renewIfDue(): Promise<boolean> {
    if (!isDue(this.#current, this.#parts)) return false;
    this.#current = await certify(this.#parts, this.#keys);
    return true;
  }
}

/** The certificate of the file, if it is this key's, of this house and these hosts, and under this root. */
async function readKept(parts: NodeIdentityParts, keys: P256KeyPair): Promise<NodeCertificate | undefined> {
  const text = parts.folder.readSecret(FILE);
  const pems = text?.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n?/g);
  const [certificate, issuer] = pems ?? [];
  if (certificate === undefined || issuer === undefined) return undefined;
  try {
    return verifyOwn(certificate, issuer, parts, keys);
  } catch (error) {
    // A certificate of former days, another root or other hosts: a new one takes its place.
    if (error instanceof ProtocolError) return undefined;
    throw error;
  }
}

async function certify(parts: NodeIdentityParts, keys: P256KeyPair): Promise<NodeCertificate> {
  const { service, hosts, house, folder } = parts;
  const answer = await service
    .signCsr({ csr: await buildCertificationRequest(keys), hosts: [...hosts], house })
    .catch((error: unknown) => {
      if (!(error instanceof ProtocolError && error.code === 'operator-token-required')) throw error;
      throw new StartError(
        "This node needs a certificate, which the Trusted Service gives for the operator's token alone; set GAVEL_OPERATOR_TOKEN.",
        { cause: error },
      );
    });
  const [issuer] = answer.chain;
  if (issuer === undefined) throw new ProtocolError('certificate-malformed', 'the issuing CA is missing');
  const current = verifyOwn(answer.certificate, issuer, parts, keys);
  if (!isValidNow(current, parts)) throw new ProtocolError('certificate-not-yet-valid', 'of the new certificate');
  folder.writeSecret(FILE, `${current.certificate.pem}${current.issuer.pem}`);
  return current;
}

function verifyOwn(pem: string, issuerPem: string, parts: NodeIdentityParts, keys: P256KeyPair): NodeCertificate {
  const { root, house, hosts } = parts;
  const issuer = parseCertificate(issuerPem);
  // It is a DMS node's, issued under our root.
  const certificate = verifyIssuance(parseCertificate(pem), 'dms-node', { root, issuer });
  // It is this node's: key, house and names.
  const same =
    certificate.publicKey.equals(keys.publicKey) &&
    certificate.house === house &&
    hosts.every((host) => certificate.hosts.includes(host));
  if (!same) throw new ProtocolError('certificate-untrusted', 'it is of another node');
  return { certificate, issuer };
}

/** By both clocks, its issuer's life included. */
function isValidNow({ certificate, issuer }: NodeCertificate, { clock, time }: NodeIdentityParts): boolean {
  return [clock.now(), time.now()].every(
    (now) => now >= certificate.notBefore && now <= Math.min(certificate.notAfter, issuer.notAfter),
  );
}

function isDue(current: NodeCertificate, parts: NodeIdentityParts): boolean {
  const { clock, time } = parts;
  const left = current.certificate.notAfter - Math.max(clock.now(), time.now());
  return !isValidNow(current, parts) || left < RENEW_BEFORE_MS;
}
