/** What a home remembers of the way in: where the house is and which root was confirmed. No secret is in it. */
import { join } from 'node:path';
import { z } from 'zod';
import { parseJson } from '../identity/identity.ts';
import { openPrivateDirectory, readPrivateFile, writePrivateFile } from '../identity/private-files.ts';

const FILE = 'settings.json';

/** The file, in a participant's home. */
export const HomeSettings = z.strictObject({
  v: z.literal(1),
  trustedServiceUrl: z.string(),
  dmsUrl: z.string(),
  /** `sha256:` and the fingerprint of the root that a person has confirmed. */
  root: z.string().regex(/^sha256:[0-9a-f]{64}$/),
});
export type HomeSettings = z.infer<typeof HomeSettings>;

/** `undefined` in a home that has none. Throws `home-too-open` and `home-unreadable`. */
export async function readHomeSettings(directory: string): Promise<HomeSettings | undefined> {
  const bytes = await readPrivateFile(join(directory, FILE));
  return bytes === undefined ? undefined : parseJson(HomeSettings, bytes);
}

/** They are on disk, and their owner's alone, when this resolves. */
export async function keepHomeSettings(directory: string, settings: HomeSettings): Promise<void> {
  await openPrivateDirectory(directory);
  await writePrivateFile(join(directory, FILE), `${JSON.stringify(settings, undefined, 2)}\n`);
}
