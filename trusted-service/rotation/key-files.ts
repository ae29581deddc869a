/**
 * The private keys that take turns, as files: one exists only while its key signs or will sign. A file is written before
 * the record that tells of it, and removed after the record that ends it, so that a crash leaves a file too many at worst.
 */
import type { P256KeyPair } from '../../shared/crypto/ecdsa.ts';
import type { Certificate } from '../../shared/pki/certificate.ts';
import type { PrivateFolder } from '../../shared/private-folder.ts';
import type { RotationRole } from '../../shared/wire/key-rotation.ts';
import { certificateFile, type KeyName, keyFile } from '../authority-keys.ts';

/** What a private key still does. */
export interface KeptKey {
  readonly role: RotationRole;
  readonly generation: number;
}

/** The files of these roles, with the ending that a write has which was cut off. */
const OURS = /^(token-signer|timestamp-signer|issuing-ca)(?:-\d+)?\.key(?:\.\d+)?$/;

/** What the files of a key are called: the first of its role has no number. */
export function keyName(role: RotationRole, generation: number): KeyName {
  return generation === 1 ? role : `${role}-${generation}`;
}

export function writeKey(folder: PrivateFolder, name: KeyName, { privateKey }: P256KeyPair): void {
  folder.writeSecret(keyFile(name), privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
}

export function writeCertificate(folder: PrivateFolder, name: KeyName, { pem }: Certificate): void {
  folder.writePublic(certificateFile(name), pem);
}

/** Removes the private key. Its certificate stays: that is public, and wanted. */
export function destroyKey(folder: PrivateFolder, name: KeyName): void {
  folder.remove(keyFile(name));
}

/** Removes every private key but these: of turns that are over, of a turn that never began, and half-written ones. */
export function destroyOtherKeys(folder: PrivateFolder, kept: readonly KeptKey[]): void {
  const names = new Set(kept.map(({ role, generation }) => keyFile(keyName(role, generation))));
  for (const file of folder.list()) {
    if (OURS.test(file) && !names.has(file)) folder.remove(file);
  }
}
