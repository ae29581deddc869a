/** Takes a signed structure apart, lets a test change one field, and signs it again: only that field can be the reason. */
import { type KeyObject, sign } from 'node:crypto';
import { type DerElement, parseDer, TAG } from '../../shared/pki/der.ts';
import { encodeBits, encodeDer } from '../../shared/pki/encode-der.ts';

/** Hexadecimal to bytes; blanks are for the eye. */
export function hex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'));
}

/** The fields of a certificate's signed part, each as its whole DER. */
export interface TbsFields {
  version: Uint8Array;
  serial: Uint8Array;
  algorithm: Uint8Array;
  issuer: Uint8Array;
  validity: Uint8Array;
  subject: Uint8Array;
  key: Uint8Array;
  /** Each extension; none at all leaves the field out. */
  extensions: Uint8Array[];
  /** What follows the key, before the extensions. */
  uniqueIdentifiers: Uint8Array;
}

/** Reads the fields of a certificate's signed part. */
export function tbsFieldsOf(der: Uint8Array): TbsFields {
  return fieldsOf(parseDer(der).children[0]!);
}

/** A certificate's signed part with some fields changed. */
export function editTbs(tbs: Uint8Array, change: (fields: TbsFields) => Partial<TbsFields>): Uint8Array {
  const fields = fieldsOf(parseDer(tbs));
  return encodeTbs({ ...fields, ...change(fields) });
}

function fieldsOf(tbs: DerElement): TbsFields {
  const encoded = tbs.children.map((field) => field.encoded);
  const [version, serial, algorithm, issuer, validity, subject, key] = encoded as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
  const extensions = tbs.children[7]!.children[0]!.children.map((extension) => extension.encoded);
  const uniqueIdentifiers = new Uint8Array();
  return { version, serial, algorithm, issuer, validity, subject, key, extensions, uniqueIdentifiers };
}

/** The certificate with some fields changed, signed by this key. */
export function reissue(
  der: Uint8Array,
  key: KeyObject,
  change: (fields: TbsFields) => Partial<TbsFields>,
): Uint8Array {
  const fields = tbsFieldsOf(der);
  return signTbs(encodeTbs({ ...fields, ...change(fields) }), key);
}

function encodeTbs(fields: TbsFields): Uint8Array {
  const { version, serial, algorithm, issuer, validity, subject, key, uniqueIdentifiers, extensions } = fields;
  const list = extensions.length === 0 ? [] : [encodeDer(TAG.context3, encodeDer(TAG.sequence, ...extensions))];
  return encodeDer(
    TAG.sequence,
    version,
    serial,
    algorithm,
    issuer,
    validity,
    subject,
    key,
    uniqueIdentifiers,
    ...list,
  );
}

export const ECDSA_SHA256: Uint8Array = hex('300a06082a8648ce3d040302');

/** The outer three fields, correctly signed. */
export function signTbs(tbs: Uint8Array, key: KeyObject): Uint8Array {
  const signature = sign('sha256', tbs, { key, dsaEncoding: 'der' });
  return encodeDer(TAG.sequence, tbs, ECDSA_SHA256, encodeBits(signature));
}

/** The outer three fields with one replaced, and nothing signed again. */
export function withOuter(
  der: Uint8Array,
  change: { tbs?: Uint8Array; algorithm?: Uint8Array; signature?: Uint8Array },
): Uint8Array {
  const [tbs, algorithm, signature] = parseDer(der).children.map((field) => field.encoded);
  return encodeDer(TAG.sequence, change.tbs ?? tbs!, change.algorithm ?? algorithm!, change.signature ?? signature!);
}
