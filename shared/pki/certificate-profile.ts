/** The certificates that this system issues, as data. A certificate that is not exactly of one of them is refused. */

export type ProfileName =
  | 'root'
  | 'issuing-ca'
  | 'token-signer'
  | 'timestamp-signer'
  | 'dms-node'
  | 'trusted-service-tls'
  | 'participant';

/** Object identifiers in dotted form. Those under 2.25 are this project's own: a UUID as one integer (X.667). */
export const OID = {
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  crlNumber: '2.5.29.20',
  reasonCode: '2.5.29.21',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
  timeStamping: '1.3.6.1.5.5.7.3.8',
  extensionRequest: '1.2.840.113549.1.9.14',
  /** Purpose of the keys that sign access tokens: UUID ff1c4d61-4783-4b0f-ac53-a9d6f991a08d. */
  tokenSigning: '2.25.339100092689995927272622892749564256397',
  /** Extension with a participant's raw X25519 public key: UUID 86908d57-3b30-4955-9b87-a7f8ac94080d. */
  agreementKey: '2.25.178867108913729986104880152638513219597',
} as const;

/** The one thing that a leaf's key is for (extended key usage, RFC 5280 section 4.2.1.12). */
export interface Purpose {
  readonly oid: string;
  readonly critical: boolean;
}

export interface CertificateProfile {
  /** The whole subject: one common name, the same for everybody of this profile, so that it names nobody. */
  readonly commonName: string;
  readonly issuedBy: 'root' | 'issuing-ca';
  /** Authorities alone: how many further authorities may follow below (RFC 5280 section 4.2.1.9). */
  readonly pathLength?: number;
  /** Leaves alone. */
  readonly purpose?: Purpose;
  /** What the certificate says about its holder beyond the key; each must be there, and nothing else may. */
  readonly carries: readonly ('hosts' | 'house' | 'agreement-key')[];
}

/**
 * The closed profiles. Every certificate is X.509 v3, P-256, ecdsa-with-SHA256, and has subject and authority key
 * identifiers (the root only its own). Authorities sign certificates and revocation lists; leaves sign, and nothing else.
 */
export const PROFILES: { readonly [Name in ProfileName]: CertificateProfile } = {
  root: { commonName: 'Gavel Root', issuedBy: 'root', pathLength: 1, carries: [] },
  'issuing-ca': { commonName: 'Gavel Issuing CA', issuedBy: 'root', pathLength: 0, carries: [] },
  'token-signer': {
    commonName: 'Gavel Token Signer',
    issuedBy: 'issuing-ca',
    purpose: { oid: OID.tokenSigning, critical: true },
    carries: [],
  },
  'timestamp-signer': {
    commonName: 'Gavel Timestamp Signer',
    issuedBy: 'issuing-ca',
    // RFC 3161 section 2.3: critical, and alone.
    purpose: { oid: OID.timeStamping, critical: true },
    carries: [],
  },
  'dms-node': {
    commonName: 'Gavel DMS',
    issuedBy: 'issuing-ca',
    purpose: { oid: OID.serverAuth, critical: false },
    carries: ['hosts', 'house'],
  },
  'trusted-service-tls': {
    commonName: 'Gavel Trusted Service',
    issuedBy: 'issuing-ca',
    purpose: { oid: OID.serverAuth, critical: false },
    carries: ['hosts'],
  },
  participant: {
    commonName: 'Gavel Participant',
    issuedBy: 'issuing-ca',
    purpose: { oid: OID.clientAuth, critical: false },
    carries: ['agreement-key'],
  },
};
