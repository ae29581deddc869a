/** Writes to one file wait for each other, so that the one that was asked for last is the one that stays. */

/** The last write under way to each file. */
const writing = new Map<string, Promise<unknown>>();

/** Calls `write` when those before it to the same path have ended, and settles as it does. */
export async function oneAfterAnother<Result>(path: string, write: () => Promise<Result>): Promise<Result> {
  const before = writing.get(path) ?? Promise.resolve();
  const written = before.then(write);
  // A write that failed is told to whoever asked for it; the next one is tried all the same.
  const settled = written.catch(() => undefined);
  writing.set(path, settled);
  return written.finally(() => {
    if (writing.get(path) === settled) writing.delete(path);
  });
}
