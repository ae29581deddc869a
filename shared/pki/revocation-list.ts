/** The certificate revocation list (RFC 5280 section 5), read strictly and exactly as this system issues it. */
import { encodeHex, equalBytes } from '../bytes.ts';
import { ProtocolError } from '../errors.ts';
import type { RevocationReason } from '../wire/http-endpoints.ts';
import { MAX_REVOCATION_LIST_BYTES } from '../wire/limits.ts';
import type { Instant } from '../wire/vocabulary.ts';
import type { Certificate } from './certificate.ts';
import { encodeAuthorityKeyIdentifier, encodeExtension, readExtensions } from './certificate-extensions.ts';
import { OID } from './certificate-profile.ts';
import { type DerElement, demand, refusingDer, TAG } from './der.ts';
import { DerFields, positiveIntegerHex, sequenceFields, takeTime } from './der-fields.ts';
import { encodeDer, encodeInteger } from './encode-der.ts';
import { demandAlgorithm, isSignedBy, readSigned } from './signed-structure.ts';
import type { Revocations } from './verify-certificate.ts';

/** RFC 5280 section 5.3.1. 'unspecified' is said by leaving the reason out. */
const REASON_CODES: { readonly [Reason in RevocationReason]: number } = {
  unspecified: 0,
  keyCompromise: 1,
  affiliationChanged: 3,
  superseded: 4,
  cessationOfOperation: 5,
};

export interface RevokedCertificate {
  readonly revokedAt: Instant;
  readonly reason: RevocationReason;
}

/** The list is signed by the authority's clock and read by ours, which learns that time over the network. */
const CLOCK_TOLERANCE_MS = 5_000;
const MAX_SERIAL_BYTES = 20;
const VERSION_2 = 1;

/** A verified list. It speaks for one issuer alone, and until `nextUpdate`: whoever keeps it checks that. */
export class RevocationList implements Revocations {
  readonly number: number;
  readonly thisUpdate: Instant;
  readonly nextUpdate: Instant;
  /** By serial, lower-case hexadecimal. */
  readonly revoked: ReadonlyMap<string, RevokedCertificate>;
  readonly #issuer: Certificate;

  constructor(issuer: Certificate, content: ListContent) {
    this.#issuer = issuer;
    this.number = content.number;
    // Checked by takeTime.
    this.thisUpdate = content.thisUpdate as Instant;
    this.nextUpdate = content.nextUpdate as Instant;
    this.revoked = content.revoked;
  }

  /** Throws 'revocation-list-invalid' for a certificate of another issuer: silence about it is not a no. */
  isRevoked(issuer: Certificate, serialHex: string): boolean {
    const same =
      equalBytes(issuer.subjectDer, this.#issuer.subjectDer) &&
      equalBytes(issuer.keyIdentifier, this.#issuer.keyIdentifier);
    if (!same) throw new ProtocolError('revocation-list-invalid', 'the list is of another issuer');
    return this.revoked.has(serialHex);
  }
}

interface ListContent {
  readonly number: number;
  readonly thisUpdate: number;
  readonly nextUpdate: number;
  readonly revoked: ReadonlyMap<string, RevokedCertificate>;
}

/**
 * Verifies a list in DER: exact form, this (already verified) issuer's name, key identifier and signature, and
 * thisUpdate ≤ `at` < nextUpdate, with 5 s of tolerance at the beginning. One of another time says nothing against its issuer: the
 * clock may have been set since somebody asked for the time.
 * @throws ProtocolError 'revocation-list-invalid' | 'revocation-list-stale'
 */
export function verifyRevocationList(der: Uint8Array, issuer: Certificate, at: number): RevocationList {
  const list = openRevocationList(der, issuer);
  if (!(list.thisUpdate <= at + CLOCK_TOLERANCE_MS)) {
    throw new ProtocolError('revocation-list-stale', 'the list is of the future');
  }
  if (!(at < list.nextUpdate)) throw new ProtocolError('revocation-list-stale');
  return list;
}

/**
 * The part of `verifyRevocationList` that does not depend on time: whose list it is, and what it says.
 * @throws ProtocolError 'revocation-list-invalid'
 */
export function openRevocationList(der: Uint8Array, issuer: Certificate): RevocationList {
  return new RevocationList(
    issuer,
    refusingDer('revocation-list-invalid', () => readList(Uint8Array.from(der), issuer)),
  );
}

function readList(der: Uint8Array, issuer: Certificate): ListContent {
  demand(der.byteLength <= MAX_REVOCATION_LIST_BYTES, 'the list is too long');
  const signed = readSigned(der, 'the list');
  const fields = new DerFields(signed.tbs);
  const version = fields.take(TAG.integer, 'the version').content;
  demand(version.byteLength === 1 && version[0] === VERSION_2, 'the version is not 2');
  demandAlgorithm(fields.take(TAG.sequence, 'the algorithm in the signed part'));
  // The list is this issuer's, by name and by signature.
  const name = fields.take(TAG.sequence, 'the issuer').encoded;
  demand(equalBytes(name, issuer.subjectDer), 'the list names another issuer');
  demand(isSignedBy(signed, issuer.publicKey), 'the list is not signed by its issuer');
  const thisUpdate = takeTime(fields, 'thisUpdate');
  const nextUpdate = takeTime(fields, 'nextUpdate');
  const entries = fields.takeIf(TAG.sequence);
  const wrapper = new DerFields(fields.take(TAG.context0, 'the list of extensions'));
  const number = readNumber(wrapper.take(TAG.sequence, 'the list of extensions'), issuer);
  wrapper.end('the list of extensions');
  fields.end('the list');
  return { number, thisUpdate, nextUpdate, revoked: entries === undefined ? new Map() : readEntries(entries) };
}

/** Exactly two extensions: the issuer's key identifier, and the list's number. */
function readNumber(list: DerElement, issuer: Certificate): number {
  const [authority, number, ...others] = readExtensions(list);
  demand(authority !== undefined && number !== undefined && others.length === 0, 'the list has other extensions');
  demand(
    equalBytes(authority.encoded, encodeAuthorityKeyIdentifier(issuer.keyIdentifier)),
    'the list names another key',
  );
  const value = Number.parseInt(encodeHex(number.value.subarray(2)), 16);
  demand(
    Number.isSafeInteger(value) && equalBytes(number.encoded, encodeListNumber(value)),
    'the number of the list has another form',
  );
  return value;
}

/** The extension that numbers a list (RFC 5280 section 5.2.3). */
export function encodeListNumber(number: number): Uint8Array {
  return encodeExtension(OID.crlNumber, false, encodeInteger(number));
}

function readEntries(entries: DerElement): Map<string, RevokedCertificate> {
  demand(entries.children.length > 0, 'the list of entries is empty');
  const revoked = new Map<string, RevokedCertificate>();
  for (const entry of entries.children) {
    const fields = sequenceFields(entry, 'an entry');
    const serialHex = positiveIntegerHex(fields.take(TAG.integer, 'a serial'), MAX_SERIAL_BYTES, 'a serial');
    const revokedAt = takeTime(fields, 'a revocation date') as Instant;
    const extensions = fields.takeIf(TAG.sequence);
    fields.end('an entry');
    demand(!revoked.has(serialHex), 'a serial occurs twice');
    revoked.set(serialHex, { revokedAt, reason: extensions === undefined ? 'unspecified' : readReason(extensions) });
  }
  return revoked;
}

function readReason(list: DerElement): RevocationReason {
  for (const reason of Object.keys(REASON_CODES) as RevocationReason[]) {
    if (reason !== 'unspecified' && equalBytes(list.content, encodeReason(reason))) return reason;
  }
  demand(false, 'an entry has another extension than a reason that this house gives');
}

/** The extension that says why (RFC 5280 section 5.3.1). */
export function encodeReason(reason: RevocationReason): Uint8Array {
  return encodeExtension(OID.reasonCode, false, encodeDer(TAG.enumerated, Uint8Array.of(REASON_CODES[reason])));
}
