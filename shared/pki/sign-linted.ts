/**
 * Lint before signing: what is to be signed is signed first with a key that nobody trusts, made for nothing else, and the
 * result goes through our own verifier. Only bytes that passed reach the real key. A signature that should not exist can't
 * be taken back, and the verifier is not the code that wrote the bytes.
 */
import { type P256PrivateKey, type P256PublicKey, signDer } from '#platform/p256.ts';
import { equalBytes } from '../bytes.ts';
import { generateP256, type P256KeyPair } from '../crypto/ecdsa.ts';
import { ProtocolError } from '../errors.ts';
import { DerError, TAG } from './der.ts';
import { encodeBits, encodeDer } from './encode-der.ts';
import { ECDSA_WITH_SHA256, readSigned } from './signed-structure.ts';

/** Signs with ECDSA and SHA-256. The signature is a DER SEQUENCE of r and s. */
export type Sign = (tbs: Uint8Array) => Promise<Uint8Array>;

/** A mistake of ours, found in time: the real key has not signed, or what it signed has not left. */
export class LintFailure extends Error {
  override readonly name = 'LintFailure';
}

/** The signature of a private key that this process holds. */
export function signerOf(key: P256PrivateKey): Sign {
  return (tbs) => signDer(key, tbs);
}

/** The signed part, the algorithm and the signature. */
export function encodeSigned(tbs: Uint8Array, signature: Uint8Array): Uint8Array {
  return encodeDer(TAG.sequence, tbs, ECDSA_WITH_SHA256, encodeBits(signature));
}

/**
 * Signs `tbs` after a rehearsal. `judge` throws if a signed structure in DER is not what was ordered; in the rehearsal it is
 * given the public key that stands in for the issuer's. Its verdict about what the real key signed is returned.
 * @throws LintFailure with what failed; `what` names the structure
 */
export async function signLinted<Verdict>(
  what: string,
  tbs: Uint8Array,
  sign: Sign,
  judge: (der: Uint8Array, standIn?: P256PublicKey) => Verdict,
): Promise<Verdict> {
  // A copy: nobody who holds the array can change it between the rehearsal and the signature.
  const bytes = Uint8Array.from(tbs);
  const { privateKey, publicKey } = throwaway();
  const rehearsed = encodeSigned(bytes, await signerOf(privateKey)(bytes));
  linting(`${what} was not signed`, () => judge(rehearsed, publicKey));
  const signed = encodeSigned(bytes, await sign(Uint8Array.from(bytes)));
  return linting(`${what} was signed, and is withheld`, () => {
    if (!equalBytes(tbsOf(signed), tbsOf(rehearsed))) throw new LintFailure('it is not what was rehearsed');
    return judge(signed);
  });
}

function tbsOf(der: Uint8Array): Uint8Array {
  return readSigned(der, 'the structure').tbs.encoded;
}

/** A refusal of our own work is no answer to whoever asked for it. */
function linting<Verdict>(outcome: string, judge: () => Verdict): Verdict {
  try {
    return judge();
  } catch (cause) {
    if (!(cause instanceof ProtocolError || cause instanceof DerError || cause instanceof LintFailure)) throw cause;
    const reason = cause instanceof ProtocolError ? (cause.detail ?? cause.code) : cause.message;
    throw new LintFailure(`${outcome}: ${reason}`, { cause });
  }
}

let made: P256KeyPair | undefined;

/** One for the life of the process. It has no certificate, and its private half never leaves this file. */
function throwaway(): P256KeyPair {
  made ??= generateP256();
  return made;
}
