/** Who this participant is: what one home holds, in memory and as the text of its file. */
import { z } from 'zod';
import { decodeBase64url, encodeBase64url, utf8 } from '../../shared/bytes.ts';
import type { AgreementKey } from '../../shared/crypto/ecies-box.ts';
import { CertificatePem } from '../../shared/wire/vocabulary.ts';
import { ClientError } from '../client-error.ts';
import { StoredSecrets } from './secret-box.ts';

/** What the Trusted Service issued: the certificate, and the issuing CA's. */
export interface Credentials {
  readonly certificate: CertificatePem;
  readonly issuer: CertificatePem;
}

export interface Identity {
  readonly username: string;
  /** How the counterparty of a sale may reach this person. */
  readonly contact?: string;
  /** The root that was pinned when the home was made. */
  readonly root: CertificatePem;
  /** The identity key, a P-256 scalar of 32 bytes. */
  readonly secretKey: Uint8Array;
  /** Agreement keys, the newest first. Former ones stay: a late envelope may be sealed to one. */
  readonly agreementKeys: readonly AgreementKey[];
  /** Absent until the enrolment was answered. */
  readonly credentials?: Credentials;
}

const Key32 = z.string().length(43).transform(requireBytes);
const Secrets = z.strictObject({
  secretKey: Key32,
  agreementKeys: z.array(z.strictObject({ privateKey: Key32, publicKey: Key32 })),
});

/** The file of an identity. */
export const IdentityFile = z.strictObject({
  v: z.literal(1),
  username: z.string(),
  contact: z.string().optional(),
  root: CertificatePem,
  credentials: z.strictObject({ certificate: CertificatePem, issuer: CertificatePem }).optional(),
  secrets: StoredSecrets,
});
export type IdentityFile = z.infer<typeof IdentityFile>;

/** The part that a passphrase protects. */
export function encodeSecrets({ secretKey, agreementKeys }: Identity): Uint8Array {
  const keys = agreementKeys.map(({ privateKey, publicKey }) => ({
    privateKey: encodeBase64url(privateKey),
    publicKey: encodeBase64url(publicKey),
  }));
  return utf8.encode(JSON.stringify({ secretKey: encodeBase64url(secretKey), agreementKeys: keys }));
}

/** Puts a file and its opened secrets together. Throws `home-unreadable`. */
export function decodeIdentity(file: IdentityFile, secrets: Uint8Array): Identity {
  const { username, contact, root, credentials } = file;
  const keys = parseJson(Secrets, secrets);
  return {
    username,
    ...(contact === undefined ? {} : { contact }),
    root,
    ...(credentials === undefined ? {} : { credentials }),
    ...keys,
  };
}

/** JSON of a file of ours. Throws `home-unreadable` for every other text. */
export function parseJson<Value>(schema: z.ZodType<Value>, bytes: Uint8Array): Value {
  try {
    return schema.parse(JSON.parse(utf8.decode(bytes)));
  } catch (cause) {
    // Not UTF-8, not JSON, or not this form: somebody else wrote into the file.
    throw new ClientError('home-unreadable', 'a file has another form than this program writes', { cause });
  }
}

function requireBytes(text: string, context: z.RefinementCtx): Uint8Array {
  const bytes = decodeBase64url(text);
  if (bytes?.length === 32) return bytes;
  context.addIssue('must be 32 bytes in base64url');
  return z.NEVER;
}
