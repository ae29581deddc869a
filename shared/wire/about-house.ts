/** What a DMS says about itself to everybody who asks, so that one address is enough to find both services. */
import { z } from 'zod';
import { HouseId } from './vocabulary.ts';

export const HOUSE_PATHS = {
  /** What this is. */
  about: '/',
} as const;

/** Of `/` at a DMS. Nothing in it is signed: whoever has the root's fingerprint verifies what it leads to. */
export const AboutHouseAnswer = z.strictObject({
  name: z.string(),
  what: z.string(),
  house: HouseId,
  /** The authority: `sha256:` and the root's fingerprint in hexadecimal. */
  authority: z.string(),
  /** The address of the Trusted Service, as the DMS itself reaches it. */
  trustedService: z.url({ protocol: /^https?$/ }),
});
export type AboutHouseAnswer = z.infer<typeof AboutHouseAnswer>;
