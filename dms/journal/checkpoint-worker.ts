/**
 * The thread that moves what is committed from the write-ahead log into the journal's file, at each message, and says when that
 * is done; at `close` it ends. Passive: it waits for nobody, and the writer goes on meanwhile.
 */
import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import { invariant } from '../../shared/invariant.ts';

invariant(parentPort !== null, 'checkpoints are made in a worker thread');
const port = parentPort;
const database = new DatabaseSync(workerData as string);
// As durable as the writer's own: the log is begun anew only when all of it is on disk in the file.
database.exec('PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON');
port.on('message', (call: 'checkpoint' | 'close') => {
  if (call === 'checkpoint') {
    database.exec('PRAGMA wal_checkpoint(PASSIVE)');
    port.postMessage('done');
    return;
  }
  database.close();
  port.close();
});
