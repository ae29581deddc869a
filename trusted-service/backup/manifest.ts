/** What a backup of a Trusted Service says of itself. */
import { z } from 'zod';
import { manifestMembers } from '../../shared/backup/archive-format.ts';

export const Manifest = z.strictObject({
  ...manifestMembers,
  /** `sha256:` and the root's fingerprint. */
  authority: z.string(),
  /** The head of the audit journal that is in it. */
  auditHead: z.string(),
});
export type Manifest = z.infer<typeof Manifest>;
