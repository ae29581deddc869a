/**
 * The authority's keys on disk: made at the first start, loaded at every later one. A certificate without its key is a
 * loss that nobody but the operator can mend, so it stops the start instead of being papered over with a new key.
 */
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { join } from 'node:path';
import { generateP256, isP256, type P256KeyPair } from '../shared/crypto/ecdsa.ts';
import {
  type Certificate,
  parseCertificate,
  type VerifiedCertificate,
  verifyIssuance,
  verifyRoot,
} from '../shared/pki/verify-certificate.ts';
import { buildCertificate } from '../shared/pki/x509-builder.ts';
import { PrivateFolder } from '../shared/private-folder.ts';
import { StartError } from '../shared/start-error.ts';
import type { RotationRole } from '../shared/wire/key-rotation.ts';
import { certificateIssued } from './audit/audit-event.ts';
import type { AuditTrail } from './audit/audit-journal.ts';
import { certifyIssuingCa, issuingCaSpan } from './rotation/certify-issuing-ca.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** The first certificates begin a little before the first start: other machines' clocks may be behind ours. */
const BACKDATING_MS = HOUR_MS;
const ROOT_LIFE_MS = 10 * 365 * DAY_MS;

/** The keys for which `OwnCertificates` keeps a certificate alive. */
export type OwnKeyName = 'token-signer' | 'timestamp-signer' | 'trusted-service-tls';

/** What a key's two files are called; the keys that took over from the first have a number, such as `issuing-ca-2`. */
export type KeyName = OwnKeyName | 'root' | RotationRole | `${RotationRole}-${number}`;
type CurrentNames = Readonly<Record<RotationRole, KeyName>>;
const FIRST_NAMES: CurrentNames = {
  'token-signer': 'token-signer',
  'timestamp-signer': 'timestamp-signer',
  'issuing-ca': 'issuing-ca',
};

export interface AuthorityKeys {
  /** Where they are. */
  readonly folder: PrivateFolder;
  readonly root: VerifiedCertificate<'root'>;
  readonly rootFile: string;
  readonly issuer: { readonly keys: P256KeyPair; readonly certificate: VerifiedCertificate<'issuing-ca'> };
  readonly own: Readonly<Record<OwnKeyName, P256KeyPair>>;
}

/**
 * Loads the keys in `path` (0700, each key 0600 as PKCS#8 PEM), or makes those that were never made; `now` is the
 * machine's time. What is made is told to `audit`. The root's key is read only to certify an issuing CA: where one is
 * there, it may be kept elsewhere. `names` are those of the keys that are in use, once keys were rotated. Throws
 * `StartError`.
 */
export async function loadAuthorityKeys(
  path: string,
  now: number,
  audit: AuditTrail,
  names: CurrentNames = FIRST_NAMES,
): Promise<AuthorityKeys> {
  const folder = PrivateFolder.load(path);
  const root = await loadRootCertificate(folder, now, audit);
  const issuer = await loadIssuer(folder, root, now, audit, names['issuing-ca']);
  const own = {
    'token-signer': loadOrMakeKey(folder, names['token-signer']),
    'timestamp-signer': loadOrMakeKey(folder, names['timestamp-signer']),
    'trusted-service-tls': loadOrMakeKey(folder, 'trusted-service-tls'),
  };
  return { folder, root, rootFile: join(path, certificateFile('root')), issuer, own };
}

/** The file of a certificate of this name. */
export function certificateFile(name: KeyName): string {
  return `${name}.pem`;
}

async function loadRootCertificate(
  folder: PrivateFolder,
  now: number,
  audit: AuditTrail,
): Promise<VerifiedCertificate<'root'>> {
  const pem = folder.readPublic(certificateFile('root'));
  if (pem !== undefined) return readingState('root', () => verifyRoot(pem));
  // The root is the first that is ever written: whatever else is there was issued under one that is lost.
  if (folder.readPublic(certificateFile('issuing-ca')) !== undefined) throw missing(folder, certificateFile('root'));
  const { privateKey, publicKey } = loadOrMakeKey(folder, 'root');
  const root = await buildCertificate({
    profile: 'root',
    publicKey,
    issuer: { key: privateKey },
    notBefore: now - BACKDATING_MS,
    notAfter: now + ROOT_LIFE_MS,
  });
  audit.within((record) => record(certificateIssued('service', 'root', root, root)));
  folder.writePublic(certificateFile('root'), root.pem);
  return verifyRoot(root.pem);
}

async function loadIssuer(
  folder: PrivateFolder,
  root: VerifiedCertificate<'root'>,
  now: number,
  audit: AuditTrail,
  name: KeyName,
): Promise<AuthorityKeys['issuer']> {
  const pem = folder.readPublic(certificateFile(name));
  if (pem !== undefined) return loadCertifiedIssuer(folder, root, name, pem);
  if (name !== 'issuing-ca') throw missing(folder, certificateFile(name));
  return makeIssuer(folder, root, now, audit);
}

/** An issuing CA's key and its certificate `pem`. Throws `StartError`. */
export function loadCertifiedIssuer(
  folder: PrivateFolder,
  root: VerifiedCertificate<'root'>,
  name: KeyName,
  pem: string,
): AuthorityKeys['issuer'] {
  const certificate = readingState(name, () =>
    verifyIssuance(parseCertificate(pem), 'issuing-ca', { root, issuer: root }),
  );
  const keys = loadKey(folder, name);
  if (keys === undefined) throw missing(folder, keyFile(name));
  demandKeyOf(certificate, keys, keyFile(name));
  return { keys, certificate };
}

async function makeIssuer(
  folder: PrivateFolder,
  root: VerifiedCertificate<'root'>,
  now: number,
  audit: AuditTrail,
): Promise<AuthorityKeys['issuer']> {
  const rootKeys = loadRootKey(folder, root);
  if (rootKeys === undefined) throw missing(folder, keyFile('root'));
  const keys = loadOrMakeKey(folder, 'issuing-ca');
  const span = issuingCaSpan(root, now, now);
  const certificate = await certifyIssuingCa({
    root,
    rootKey: rootKeys.privateKey,
    publicKey: keys.publicKey,
    ...span,
  });
  audit.within((record) => record(certificateIssued('service', 'issuing-ca', certificate, root)));
  folder.writePublic(certificateFile('issuing-ca'), certificate.pem);
  return { keys, certificate };
}

/** The file of a private key of this name. */
export function keyFile(name: KeyName): string {
  return `${name}.key`;
}

/** The root's key, where it is in the folder. Throws `StartError` if it is another one. */
export function loadRootKey(folder: PrivateFolder, root: Certificate): P256KeyPair | undefined {
  const keys = loadKey(folder, 'root');
  if (keys !== undefined) demandKeyOf(root, keys, keyFile('root'));
  return keys;
}

/** A key that has no certificate yet was written just before a crash, and was never used: it serves. */
function loadOrMakeKey(folder: PrivateFolder, name: KeyName): P256KeyPair {
  const known = loadKey(folder, name);
  if (known !== undefined) return known;
  if (folder.readPublic(certificateFile(name)) !== undefined) throw missing(folder, keyFile(name));
  const made = generateP256();
  folder.writeSecret(keyFile(name), made.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  return made;
}

/** The private key of this name, if it is there. Throws `StartError`. */
export function loadKey(folder: PrivateFolder, name: KeyName): P256KeyPair | undefined {
  const pem = folder.readSecret(keyFile(name));
  if (pem === undefined) return undefined;
  const privateKey = readingState(name, () => createPrivateKey(pem));
  if (!isP256(privateKey)) throw new StartError(`The key '${name}' is no P-256 key; restore it from a backup.`);
  return { privateKey, publicKey: createPublicKey(privateKey) };
}

function demandKeyOf(certificate: Certificate, { publicKey }: P256KeyPair, file: string): void {
  if (publicKey.equals(certificate.publicKey)) return;
  throw new StartError(`${file} is not the key of its certificate; restore both from one backup.`);
}

function readingState<Result>(name: KeyName, read: () => Result): Result {
  try {
    return read();
  } catch (cause) {
    // Whatever is wrong with a file of ours, the way out is the same.
    throw new StartError(`The key or certificate '${name}' is damaged; restore it from a backup.`, { cause });
  }
}

function missing(folder: PrivateFolder, file: string): StartError {
  return new StartError(
    `${join(folder.path, file)} is missing, but what depends on it is there; restore it from a backup. ` +
      'To begin anew, with another root, move the whole folder away.',
  );
}
