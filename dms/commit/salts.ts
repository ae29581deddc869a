/** Salts for records, drawn many at a time: a call to the system for each is a tenth of what a record costs the main thread. */
import { SALT_BYTES } from '../../shared/journal/record.ts';

/** Salts that are drawn at once. */
const DRAWN = 128;

/** A function that gives 32 bytes of `randomBytes`, fresh at each call. */
export function createSalts(randomBytes: (length: number) => Uint8Array): () => Uint8Array {
  let drawn = new Uint8Array();
  let used = 0;
  return () => {
    if (used === drawn.length) [drawn, used] = [new Uint8Array(randomBytes(DRAWN * SALT_BYTES)), 0];
    used += SALT_BYTES;
    // A copy of its own: a part of all of them would take them all along on its way to another thread.
    return drawn.slice(used - SALT_BYTES, used);
  };
}
