/** Signs what was changed, so that what lies behind the signature is reached too. */
import { type KeyObject, sign } from 'node:crypto';
import { DerError, parseDer } from '../../shared/pki/der.ts';
import { signTbs } from '../support/edit-certificate.ts';

const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** The first part of a signed structure, whatever it is, properly signed by this key; what has no parts stays as it is. */
export function certifiedAgain(der: Uint8Array, key: KeyObject): Uint8Array {
  try {
    const [tbs] = parseDer(der).children;
    return tbs === undefined ? der : signTbs(tbs.encoded, key);
  } catch (error) {
    if (error instanceof DerError) return der;
    throw error;
  }
}

/** The first two parts of a JWS, properly signed by this key. */
export function jwsAgain(text: string, key: KeyObject): string {
  const input = text.split('.', 2).join('.');
  const signature = new Uint8Array(sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' }));
  const isHigh = BigInt(`0x${Buffer.from(signature.subarray(32)).toString('hex')}`) > ORDER >> 1n;
  return `${input}.${Buffer.from(isHigh ? otherHalf(signature) : signature).toString('base64url')}`;
}

/** (r, s) to (r, n − s): what verifies as well, and is another signature. */
export function otherHalf(signature: Uint8Array): Uint8Array {
  if (signature.length !== 64) return signature;
  const s = BigInt(`0x${Buffer.from(signature.subarray(32)).toString('hex')}`);
  const twin = (s < ORDER ? ORDER - s : 0n).toString(16).padStart(64, '0');
  return new Uint8Array(Buffer.concat([signature.subarray(0, 32), Buffer.from(twin, 'hex')]));
}
