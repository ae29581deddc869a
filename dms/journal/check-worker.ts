/** A thread of `checkJournal`: its checks, one message. */
import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import type { CheckOrder } from './check-journal.ts';
import { runCheck } from './checks.ts';

const { file, checks }: CheckOrder = workerData;
const database = new DatabaseSync(file, { readOnly: true });
const findings = checks.map((check) => runCheck(database, check));
database.close();
parentPort?.postMessage(findings);
