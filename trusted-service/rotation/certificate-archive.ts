/** Every certificate that a key of the authority ever had: what it signed, its verifiers may ask about years later. */
import type { KeyObject } from 'node:crypto';
import type { Certificate } from '../../shared/pki/certificate.ts';
import type { KeyArchive } from '../../shared/wire/http-endpoints.ts';
import type { RotationRole } from '../../shared/wire/key-rotation.ts';
import type { AuthorityKeyRecords } from '../store/authority-key-records.ts';

interface Contents {
  readonly issuers: readonly Certificate[];
  readonly timestampKeys: ReadonlyMap<string, KeyObject>;
  readonly published: KeyArchive;
}

export class CertificateArchive {
  readonly #records: AuthorityKeyRecords;
  /** Read from disk when it is asked for, and again after a change. */
  #contents: Contents | undefined;

  constructor(records: AuthorityKeyRecords) {
    this.#records = records;
  }

  /** Keeps a certificate for good. To be called in the transaction that records its issue. */
  keep(role: RotationRole, certificate: Certificate, issuer: Certificate): void {
    this.#records.keep(role, certificate, issuer);
    this.#contents = undefined;
  }

  /** Every issuing CA that there ever was, the oldest first. */
  issuers(): readonly Certificate[] {
    return this.#read().issuers;
  }

  /** The keys of all timestamp signers that there ever were, by `kid`: for evidence, which may be a year old. */
  timestampKeys(): ReadonlyMap<string, KeyObject> {
    return this.#read().timestampKeys;
  }

  /** As everybody may fetch it. */
  published(): KeyArchive {
    return this.#read().published;
  }

  #read(): Contents {
    this.#contents ??= readContents(this.#records);
    return this.#contents;
  }
}

function readContents(records: AuthorityKeyRecords): Contents {
  const issuers = records.certificatesOf('issuing-ca').map(({ certificate }) => certificate);
  const byFingerprint = new Map(issuers.map((issuer) => [issuer.sha256, issuer]));
  const stamps = records.certificatesOf('timestamp-signer');
  const signers = [...records.certificatesOf('token-signer'), ...stamps];
  const certificates = signers.map(({ certificate, issuer }) => {
    const chain = [certificate, byFingerprint.get(issuer)].filter((link) => link !== undefined);
    return { kid: certificate.subject, x5c: chain.map(({ der }) => Buffer.from(der).toString('base64')) };
  });
  const timestampKeys = new Map(
    stamps.map(({ certificate: { subject, publicKey } }) => [subject as string, publicKey]),
  );
  return { issuers, timestampKeys, published: { certificates } };
}
