/** Checkpoints: a DMS node's word on its journal, which anybody can verify who has the root certificate and nothing else. */
import { decodeBase64url, encodeBase64url } from '../bytes.ts';
import { type JwsSigner, type JwsType, parseJws, signJws, verifyParsedJws } from '../crypto/jws.ts';
import { ProtocolError } from '../errors.ts';
import type { TreeHead } from '../merkle/consistency.ts';
import type { ProfileName } from '../pki/certificate-profile.ts';
import {
  type Certificate,
  type IssuedUnder,
  parseCertificate,
  verifyIssuance,
  verifyValidity,
} from '../pki/verify-certificate.ts';
import { CheckpointClaims, type Cosignature, CosignatureClaims, type SignedCheckpoint } from '../wire/log.ts';
import type { CompactJws, Digest, HouseId, Instant } from '../wire/vocabulary.ts';

/** What a checkpoint says, once it is known who says it. */
export interface Checkpoint extends TreeHead {
  readonly house: HouseId;
  readonly time: Instant;
  /** As it was signed, with the certificates of its signer: the evidence. */
  readonly signed: SignedCheckpoint;
  /** Of the node that signed it. */
  readonly node: Certificate;
}

/** Signs that the first `size` records of this house's journal have this root. Only for records that are on disk. */
export function signCheckpoint(
  signer: JwsSigner,
  house: HouseId,
  { size, root }: TreeHead,
  time: Instant,
): Promise<CompactJws> {
  return signJws(signer, 'checkpoint+jwt', { house, size, root: encodeBase64url(root), time });
}

/**
 * Verifies that a DMS node of the checkpoint's house, certified under this root at the checkpoint's time, signed it.
 * @throws ProtocolError 'malformed' | 'signature-invalid' | 'certificate-…'
 */
export async function verifyCheckpoint(signed: SignedCheckpoint, root: Certificate): Promise<Checkpoint> {
  const { claims, signer } = await verifyBySigner(signed.checkpoint, signed.chain, root, {
    typ: 'checkpoint+jwt',
    profile: 'dms-node',
    schema: CheckpointClaims,
  });
  // The certificate names the house whose journal its holder may speak of.
  if (signer.house !== claims.house) throw new ProtocolError('certificate-untrusted', 'the node is of another house');
  const { house, size, time } = claims;
  return { house, size, time, root: bytesOf(claims.root), signed, node: signer };
}

/**
 * Verifies that the witness of this root has cosigned a checkpoint. Returns when it did.
 * @throws ProtocolError 'malformed' | 'signature-invalid' | 'certificate-…'
 */
export async function verifyCosignature(
  { cosignature, chain }: Cosignature,
  { house, size, root: treeRoot }: Pick<Checkpoint, 'house' | 'size' | 'root'>,
  root: Certificate,
): Promise<Instant> {
  const { claims } = await verifyBySigner(cosignature, chain, root, {
    typ: 'cosignature+jwt',
    profile: 'token-signer',
    schema: CosignatureClaims,
  });
  // It is by the authority of this root.
  if (claims.iss !== `sha256:${root.sha256}`) throw new ProtocolError('signature-invalid', 'of another witness');
  // It is about this checkpoint.
  const isSame = claims.house === house && claims.size === size && claims.root === encodeBase64url(treeRoot);
  if (!isSame) throw new ProtocolError('signature-invalid', 'the witness cosigned another checkpoint');
  return claims.time;
}

async function verifyBySigner<Claims extends { readonly time: Instant }>(
  text: CompactJws,
  [leaf = '', authority = '']: readonly string[],
  root: Certificate,
  expected: {
    readonly typ: JwsType;
    readonly profile: ProfileName;
    readonly schema: Parameters<typeof parseJws<Claims>>[2];
  },
): Promise<{ readonly claims: Claims; readonly signer: Certificate }> {
  const { typ, profile, schema } = expected;
  const signer = parseOnce(leaf);
  const jws = parseJws(text, typ, schema);
  // The key that it names is that of the certificate, and made the signature.
  if (jws.kid !== signer.subject) throw new ProtocolError('signature-invalid', 'of another key');
  await verifyParsedJws(jws, signer.publicKey);
  const { claims } = jws;
  // The key was this signer's to use when it says that it signed.
  const path = { root, issuer: parseOnce(authority) };
  verifyIssuanceOnce(signer, profile, path);
  verifyValidity(signer, path, claims.time);
  return { claims, signer };
}

/** Certificates as they were parsed: every word of a node or of the witness comes with the same two. */
const known = new Map<string, Certificate>();
const MOST_KNOWN = 16;

function parseOnce(pem: string): Certificate {
  const parsed = known.get(pem);
  if (parsed !== undefined) return parsed;
  const certificate = parseCertificate(pem);
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(pem, certificate);
  return certificate;
}

/** What was found to be issued under a root, which no time changes. */
const issued = new WeakMap<Certificate, Set<string>>();

function verifyIssuanceOnce(signer: Certificate, profile: ProfileName, path: IssuedUnder): void {
  const found = issued.get(path.root) ?? new Set();
  const name = `${profile} ${signer.sha256} ${path.issuer.sha256}`;
  if (found.has(name)) return;
  verifyIssuance(signer, profile, path);
  if (found.size >= MOST_KNOWN) found.clear();
  issued.set(path.root, found.add(name));
}

function bytesOf(digest: Digest): Uint8Array {
  return decodeBase64url(digest) ?? new Uint8Array();
}
