/** What a backup of a DMS says of itself. */
import { z } from 'zod';
import { manifestMembers } from '../../shared/backup/archive-format.ts';
import { HouseId, Position } from '../../shared/wire/vocabulary.ts';

export const Manifest = z.strictObject({
  ...manifestMembers,
  house: HouseId,
  /** How many records the journal in it has. */
  position: Position,
});
export type Manifest = z.infer<typeof Manifest>;
