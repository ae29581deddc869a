/** The kept corpus, as what it stands for. */
import { createPrivateKey, createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Recording } from '../../shared/journal/receipt.ts';
import type { JournalRecord } from '../../shared/journal/record.ts';
import type { ProfileName } from '../../shared/pki/certificate-profile.ts';
import type { KeySet } from '../../shared/wire/http-endpoints.ts';
import type { Cosignature, Receipt, SignedCheckpoint } from '../../shared/wire/log.ts';
import type { TimestampToken } from '../../shared/wire/timestamp-token.ts';
import type { Digest } from '../../shared/wire/vocabulary.ts';

interface Corpus {
  readonly now: number;
  readonly keys: Readonly<Record<'root' | 'issuing-ca' | 'token' | 'timestamp' | 'participant' | 'node', JsonWebKey>>;
  readonly sealing: { readonly publicKey: string; readonly privateKey: JsonWebKey };
  readonly certificates: Readonly<Record<ProfileName, string>>;
  readonly csrs: readonly string[];
  readonly lists: readonly string[];
  readonly keySet: KeySet;
  readonly tokens: readonly string[];
  readonly signed: Readonly<Record<string, string>>;
  readonly statements: readonly string[];
  readonly envelopes: readonly string[];
  readonly sealed: readonly string[];
  readonly records: readonly Readonly<Record<keyof JournalRecord, string>>[];
  readonly stamps: readonly { readonly token: TimestampToken; readonly imprint: Digest }[];
  readonly queries: readonly string[];
  readonly reply: { readonly imprint: Digest; readonly nonce: string; readonly der: string };
  readonly checkpoint: SignedCheckpoint;
  readonly witness: Cosignature;
  readonly receipts: readonly { readonly receipt: Receipt; readonly recording: Recording }[];
  readonly bundle: readonly string[];
}

export const CORPUS: Corpus = JSON.parse(readFileSync(join(import.meta.dirname, 'corpus.json'), 'utf8'));

export function privateKeyOf(name: keyof Corpus['keys']): KeyObject {
  return createPrivateKey({ key: CORPUS.keys[name], format: 'jwk' });
}

export function publicKeyOf(name: keyof Corpus['keys']): KeyObject {
  return createPublicKey(privateKeyOf(name));
}

export function fromBase64(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'base64'));
}
