/**
 * What no house can do without, and nothing else: opens one envelope and verifies one signature, again and again, with the
 * platform's own calls, on this thread. Says how many turns it made in the time that it was asked for.
 */
import {
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  verify,
} from 'node:crypto';
import { parentPort } from 'node:worker_threads';
import { concatBytes } from '../../shared/bytes.ts';
import { openAesGcm, sealAesGcm } from '../../shared/crypto/aes-gcm.ts';
import { hkdfSha256 } from '../../shared/crypto/hkdf.ts';

/** Of an envelope with its statement and stamp. */
const ENVELOPE_BYTES = 1_400;
/** Of the text that a bid's signature is over. */
const STATEMENT_BYTES = 500;
const NONCE_BYTES = 16;
const KEY_BYTES = 32;

interface Sealed {
  /** As it travels: a JWK's coordinate. */
  readonly x: string;
  readonly nonce: Uint8Array;
  readonly tag: Uint8Array;
  readonly ciphertext: Uint8Array;
}

const session = generateKeyPairSync('x25519');
const signer = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const statement = randomBytes(STATEMENT_BYTES);
const signature = sign('sha256', statement, { key: signer.privateKey, dsaEncoding: 'ieee-p1363' });
const envelopes = Array.from({ length: 64 }, seal);

parentPort?.on('message', (ms: number) => {
  const began = performance.now();
  let turns = 0;
  while (performance.now() - began < ms) {
    turn(envelopes[turns % envelopes.length] as Sealed);
    turns += 1;
  }
  parentPort?.postMessage((turns / (performance.now() - began)) * 1_000);
});

function turn({ x, nonce, tag, ciphertext }: Sealed): void {
  const peer = createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x }, format: 'jwk' });
  openAesGcm(keyOf(session.privateKey, peer, x), nonce, { tag, ciphertext });
  const holds = verify('sha256', statement, { key: signer.publicKey, dsaEncoding: 'ieee-p1363' }, signature);
  if (!holds) throw new Error('a good signature does not verify');
}

function seal(): Sealed {
  const ephemeral = generateKeyPairSync('x25519');
  const x = ephemeral.publicKey.export({ format: 'jwk' }).x as string;
  const nonce = randomBytes(NONCE_BYTES);
  const key = keyOf(ephemeral.privateKey, session.publicKey, x);
  return { x, nonce, ...sealAesGcm(key, nonce, randomBytes(ENVELOPE_BYTES)) };
}

function keyOf(privateKey: KeyObject, publicKey: KeyObject, x: string): Uint8Array {
  const secret = diffieHellman({ privateKey, publicKey });
  return hkdfSha256(concatBytes(Buffer.from(x, 'base64url'), secret), KEY_BYTES);
}
