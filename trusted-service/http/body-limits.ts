/** How long a request's body may be, per route, in bytes. Each is what the largest proper one needs, and room for blanks. */
import { MAX_CERTIFICATE_PEM_CHARACTERS, MAX_CSR_PEM_CHARACTERS, MAX_JWS_BYTES } from '../../shared/wire/limits.ts';

/** A request in PEM, a name, a contact; or 16 host names of 253 characters. */
export const MAX_SIGN_CSR_BYTES: number = MAX_CSR_PEM_CHARACTERS + 6_144;
/** A certificate and a proof. */
export const MAX_ISSUE_BYTES = 8_192;
/** A serial and a proof. */
export const MAX_REVOKE_BYTES = 4_096;
/** Two numbers and a note of 200 characters in any script. */
export const MAX_INVITES_BYTES = 2_048;
/** A role, and a certificate. */
export const MAX_ROTATE_BYTES: number = MAX_CERTIFICATE_PEM_CHARACTERS + 1_024;
/** One digest. */
export const MAX_TIMESTAMP_BYTES = 256;
/** An RFC 3161 query: some 50 bytes with its digest; a policy and a nonce make it no longer than this by far. */
export const MAX_TIMESTAMP_QUERY_BYTES = 4_096;
/** One number. */
export const MAX_CLOCK_BYTES = 256;
/** Two statements and three batches of a JWS each, three paths, five certificates, the request. */
export const MAX_DISCLOSE_BYTES: number = 4 * MAX_JWS_BYTES + 32_768;
/** A checkpoint, two certificates, a path of 104 hashes. */
export const MAX_WITNESS_BYTES: number = 2 * MAX_JWS_BYTES + 4_096;
