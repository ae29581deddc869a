/**
 * Reads an RFC 3161 reply: a TimeStampResp around CMS SignedData (RFC 5652 section 5) of one signer, in strict DER. It
 * reads the form and judges nothing: that is for verify-timestamp-response.ts.
 */
import { type DerElement, demand, parseDer, TAG } from '../pki/der.ts';
import { sequenceFields, setElements } from '../pki/der-fields.ts';
import { demandVersion } from './tst-info.ts';

/** A query of 4 KiB may have a nonce of as much; two certificates and the rest have less than 3 KiB. */
export const MAX_TIMESTAMP_RESPONSE_BYTES = 8_192;

const SIGNED_DATA_VERSION = 3;
const SIGNER_INFO_VERSION = 1;

export interface TimestampResponse {
  /** PKIStatus as hexadecimal of its content: `00` is granted. */
  readonly status: string;
  /** A ContentInfo. */
  readonly token: DerElement | undefined;
}

/** All values are whole DER, unless something else is said. */
export interface SignedToken {
  readonly contentType: Uint8Array;
  readonly digestAlgorithms: readonly Uint8Array[];
  readonly encapsulatedType: Uint8Array;
  /** The bytes inside the OCTET STRING: a TSTInfo. */
  readonly content: Uint8Array;
  readonly certificates: readonly Uint8Array[];
  readonly signer: SignerInfo;
}

export interface SignerInfo {
  readonly issuer: Uint8Array;
  readonly serial: Uint8Array;
  readonly digestAlgorithm: Uint8Array;
  /** What the signature is over: the attributes as a SET (RFC 5652 section 5.4). */
  readonly signedBytes: Uint8Array;
  /** The one value of each attribute, by the identifier's DER in hexadecimal. */
  readonly attributes: ReadonlyMap<string, DerElement>;
  readonly signatureAlgorithm: Uint8Array;
  /** The bytes inside the OCTET STRING. */
  readonly signature: Uint8Array;
}

/** Reads the outer reply (RFC 3161 section 2.4.2). Throws a `DerError`. */
export function readTimestampResponse(der: Uint8Array): TimestampResponse {
  demand(der.byteLength <= MAX_TIMESTAMP_RESPONSE_BYTES, 'the reply is too long');
  const fields = sequenceFields(parseDer(der), 'the reply');
  const info = sequenceFields(fields.take(TAG.sequence, 'the status'), 'the status');
  const status = Buffer.from(info.take(TAG.integer, 'the status').content).toString('hex');
  const text = info.takeIf(TAG.sequence);
  const failure = info.takeIf(TAG.bitString);
  info.end('the status');
  const token = fields.takeIf(TAG.sequence);
  fields.end('the reply');
  const explained = text !== undefined || failure !== undefined;
  demand(!(token !== undefined && explained), 'a reply with a token explains why there is none');
  return { status, token };
}

/** Reads the token (RFC 5652 sections 3 and 5): one signer with signed attributes, nothing unsigned. Throws a `DerError`. */
export function readSignedToken(element: DerElement): SignedToken {
  const info = sequenceFields(element, 'the token');
  const contentType = info.take(TAG.objectIdentifier, 'the content type').encoded;
  const fields = sequenceFields(
    explicit(info.take(TAG.context0, 'the signed data'), 'the signed data'),
    'the signed data',
  );
  info.end('the token');
  demandVersion(fields.take(TAG.integer, "the signed data's version"), SIGNED_DATA_VERSION, 'the signed data');
  const digestAlgorithms = setElements(fields.take(TAG.set, 'the digest algorithms'), 'the digest algorithms');
  const inner = sequenceFields(fields.take(TAG.sequence, 'the content'), 'the content');
  const encapsulatedType = inner.take(TAG.objectIdentifier, "the content's type").encoded;
  const content = explicit(inner.take(TAG.context0, 'the content'), 'the content');
  demand(content.tag === TAG.octetString, 'the content is not an octet string');
  inner.end('the content');
  const certificates = fields.takeIf(TAG.context0);
  const signers = setElements(fields.take(TAG.set, 'the signers'), 'the signers');
  fields.end('the signed data');
  const [signer] = signers;
  demand(signer !== undefined && signers.length === 1, 'there is not exactly one signer');
  return {
    contentType,
    digestAlgorithms: digestAlgorithms.map(({ encoded }) => encoded),
    encapsulatedType,
    content: content.content,
    certificates: certificates === undefined ? [] : readCertificates(certificates),
    signer: readSignerInfo(signer),
  };
}

function readCertificates(element: DerElement): Uint8Array[] {
  const certificates = setElements(element, 'the certificates', TAG.context0);
  // Where there are none, the field is left out.
  demand(certificates.length > 0, 'the set of certificates is empty');
  return certificates.map(({ encoded }) => encoded);
}

function readSignerInfo(element: DerElement): SignerInfo {
  const fields = sequenceFields(element, 'the signer');
  demandVersion(fields.take(TAG.integer, "the signer's version"), SIGNER_INFO_VERSION, 'the signer');
  const identifier = sequenceFields(fields.take(TAG.sequence, "the signer's identifier"), "the signer's identifier");
  const issuer = identifier.take(TAG.sequence, "the signer's issuer").encoded;
  const serial = identifier.take(TAG.integer, "the signer's serial").encoded;
  identifier.end("the signer's identifier");
  const digestAlgorithm = fields.take(TAG.sequence, "the signer's digest algorithm").encoded;
  const attributes = fields.take(TAG.context0, 'the signed attributes');
  const signatureAlgorithm = fields.take(TAG.sequence, 'the signature algorithm').encoded;
  const signature = fields.take(TAG.octetString, 'the signature').content;
  fields.end('the signer');
  const signedBytes = Uint8Array.from(attributes.encoded);
  signedBytes[0] = TAG.set;
  return {
    issuer,
    serial,
    digestAlgorithm,
    signedBytes,
    attributes: readAttributes(attributes),
    signatureAlgorithm,
    signature,
  };
}

function readAttributes(element: DerElement): Map<string, DerElement> {
  const attributes = new Map<string, DerElement>();
  for (const attribute of setElements(element, 'the signed attributes', TAG.context0)) {
    const fields = sequenceFields(attribute, 'a signed attribute');
    const oid = fields.take(TAG.objectIdentifier, "a signed attribute's type").encoded;
    const values = fields.take(TAG.set, "a signed attribute's values").children;
    fields.end('a signed attribute');
    const [value] = values;
    demand(value !== undefined && values.length === 1, 'a signed attribute has not exactly one value');
    const name = Buffer.from(oid).toString('hex');
    demand(!attributes.has(name), 'a signed attribute occurs twice');
    attributes.set(name, value);
  }
  return attributes;
}

/** The one value inside an explicit tag. */
function explicit({ children }: DerElement, what: string): DerElement {
  const [value] = children;
  demand(value !== undefined && children.length === 1, `${what} is not exactly one value`);
  return value;
}
