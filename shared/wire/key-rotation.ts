/** Rotation of the authority's keys over HTTPS: what is asked and answered at `/api/rotate`. */
import { z } from 'zod';
import { CertificatePem, Instant } from './vocabulary.ts';

/** The keys that take turns. */
export const RotationRole = z.enum(['token-signer', 'timestamp-signer', 'issuing-ca']);
export type RotationRole = z.infer<typeof RotationRole>;
/** `wanted`: an issuing CA's key that the root has not certified yet. `retired` keys are in the archive alone. */
export const KeyState = z.enum(['wanted', 'next', 'current', 'last', 'retired']);
export type KeyState = z.infer<typeof KeyState>;

/**
 * `now`: the next key signs at once, and a signer's former key is dropped. `request`: the issuing CA's certification
 * request is wanted, to be signed where the root key is. `certificate`: the answer to it.
 */
export const RotateRequest = z.strictObject({
  role: RotationRole,
  now: z.boolean().optional(),
  request: z.boolean().optional(),
  certificate: CertificatePem.optional(),
});
export type RotateRequest = z.infer<typeof RotateRequest>;

export const RotationState = z.strictObject({
  /** Whether the root key is where the service could use it. */
  rootKeyAtHand: z.boolean(),
  roles: z.array(
    z.strictObject({
      role: RotationRole,
      /** When the schedule has the next key made. */
      dueAt: Instant,
      /** Retired ones are left out. */
      keys: z.array(z.strictObject({ kid: z.string(), state: KeyState, since: Instant, notAfter: Instant.optional() })),
    }),
  ),
  /** What the root is asked to sign, and for when. */
  request: z.strictObject({ csr: z.string(), notBefore: Instant, notAfter: Instant }).optional(),
});
export type RotationState = z.infer<typeof RotationState>;
