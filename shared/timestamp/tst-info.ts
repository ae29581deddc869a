/** TSTInfo, what a timestamp says (RFC 3161 section 2.4.2): written and read with exactly the fields that this authority gives. */
import { type DerElement, demand, parseDer, TAG } from '../pki/der.ts';
import { positiveIntegerHex, sequenceFields, takePreciseTime } from '../pki/der-fields.ts';
import { encodeDer, encodeGeneralizedTime, encodeInteger } from '../pki/encode-der.ts';
import { Instant, Serial } from '../wire/vocabulary.ts';
import { CMS_OID } from './rfc3161.ts';

/** The AlgorithmIdentifier of SHA-256 without parameters (RFC 5754 section 2), and with the NULL that many write. */
export const SHA256_ALGORITHM: Uint8Array = encodeDer(TAG.sequence, CMS_OID.sha256);
export const SHA256_ALGORITHM_WITH_NULL: Uint8Array = encodeDer(
  TAG.sequence,
  CMS_OID.sha256,
  Uint8Array.of(0x05, 0x00),
);

const VERSION_1 = 1;
/** More than the largest serial has. */
const MAX_SERIAL_BYTES = 8;

export interface TstInfo {
  /** The policy's object identifier, DER. */
  readonly policy: Uint8Array;
  /** A MessageImprint, DER: of the query, byte for byte. */
  readonly imprint: Uint8Array;
  readonly serial: Serial;
  readonly at: Instant;
  /** An Accuracy, DER. */
  readonly accuracy: Uint8Array | undefined;
  /** An INTEGER, DER: of the query, byte for byte. */
  readonly nonce: Uint8Array | undefined;
}

/** A MessageImprint: the digest's algorithm and its 32 bytes. */
export interface MessageImprint {
  /** AlgorithmIdentifier, DER. */
  readonly algorithm: Uint8Array;
  readonly digest: Uint8Array;
}

export function encodeTstInfo({ policy, imprint, serial, at, accuracy, nonce }: TstInfo): Uint8Array {
  return encodeDer(
    TAG.sequence,
    encodeInteger(VERSION_1),
    policy,
    imprint,
    encodeInteger(serial),
    encodeGeneralizedTime(at),
    ...(accuracy === undefined ? [] : [accuracy]),
    ...(nonce === undefined ? [] : [nonce]),
  );
}

/** Reads a TSTInfo in DER. `ordering` (false by default), `tsa` and extensions are not there. Throws a `DerError`. */
export function readTstInfo(der: Uint8Array): TstInfo {
  const fields = sequenceFields(parseDer(der), 'the TSTInfo');
  demandVersion(fields.take(TAG.integer, "the TSTInfo's version"), VERSION_1, 'the TSTInfo');
  const policy = fields.take(TAG.objectIdentifier, 'the policy').encoded;
  const imprint = fields.take(TAG.sequence, 'the imprint').encoded;
  const serialHex = positiveIntegerHex(fields.take(TAG.integer, 'the serial'), MAX_SERIAL_BYTES, 'the serial');
  const serial = Serial.safeParse(Number(`0x${serialHex}`));
  demand(serial.success, 'the serial is out of range');
  const at = Instant.safeParse(takePreciseTime(fields, 'genTime'));
  demand(at.success, 'genTime is out of range');
  const accuracy = fields.takeIf(TAG.sequence)?.encoded;
  const nonce = fields.takeIf(TAG.integer)?.encoded;
  fields.end('the TSTInfo');
  return { policy, imprint, serial: serial.data, at: at.data, accuracy, nonce };
}

/** Reads a MessageImprint. Throws a `DerError`. */
export function readMessageImprint(element: DerElement): MessageImprint {
  const fields = sequenceFields(element, 'the imprint');
  const algorithm = fields.take(TAG.sequence, "the imprint's algorithm").encoded;
  const digest = fields.take(TAG.octetString, 'the digest').content;
  fields.end('the imprint');
  return { algorithm, digest };
}

/** A version is one small number. Throws a `DerError`. */
export function demandVersion({ content }: DerElement, version: number, what: string): void {
  demand(content.byteLength === 1 && content[0] === version, `${what} is not of version ${version}`);
}
