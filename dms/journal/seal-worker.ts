/** A thread of `checkSeals`: one check, one message. */
import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import type { SealCheck, SealVerdict } from './check-seals.ts';
import { findBrokenSeal } from './seals.ts';

function check({ file, from, to }: SealCheck): SealVerdict {
  try {
    const database = new DatabaseSync(file, { readOnly: true });
    try {
      const broken = findBrokenSeal(database, from, to);
      return broken === undefined ? {} : { broken };
    } finally {
      database.close();
    }
  } catch (error) {
    // What can't even be read is as damaged as what is another.
    return { failed: error instanceof Error ? error.message : String(error) };
  }
}

parentPort?.postMessage(check(workerData));
