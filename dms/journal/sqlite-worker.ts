/** The worker thread of `SqliteJournal`: one message in, one call of the store, one message out. */
import { parentPort, workerData } from 'node:worker_threads';
import { ProtocolError, type RefusalCode } from '../../shared/errors.ts';
import { invariant } from '../../shared/invariant.ts';
import type { HouseId } from '../../shared/wire/vocabulary.ts';
import { Checkpointer } from './checkpointer.ts';
import { SqliteStore } from './sqlite-store.ts';

export interface StoreOptions {
  /** The path of the journal file. Beside it stand `.lock` and `.anchor`. */
  readonly file: string;
  /** The house that a new journal belongs to. */
  readonly newHouse: HouseId;
}

/** What may be asked, with its arguments and answer. */
export type StoreCalls = Pick<SqliteStore, 'head' | 'append' | 'read' | 'find' | 'close'>;
export type StoreCall = {
  [Name in keyof StoreCalls]: { name: Name; args: Parameters<StoreCalls[Name]> };
}[keyof StoreCalls];

/** `refused`: the journal is no good and nothing was done. `failed`: something was tried and nobody knows what holds. */
export type StoreAnswer =
  | { readonly value: unknown }
  | { readonly refused: RefusalCode; readonly detail: string | undefined }
  | { readonly failed: string };

let store: SqliteStore | undefined;
/** The first error. It is the answer to everything after it: the connection may stand in the middle of a transaction. */
let broken: StoreAnswer | undefined;

function answer({ name, args }: StoreCall): StoreAnswer {
  if (broken !== undefined) return broken;
  try {
    store ??= open();
    // The union above ties the arguments to the name; the compiler can't follow that through the call.
    return { value: (store[name] as (...args: unknown[]) => unknown).apply(store, args) };
  } catch (error) {
    // Told to the journal on the main thread, which hands it to its owner.
    broken =
      error instanceof ProtocolError
        ? { refused: error.code, detail: error.detail }
        : { failed: error instanceof Error ? error.message : String(error) };
    return broken;
  }
}

function open(): SqliteStore {
  const { file, newHouse }: StoreOptions = workerData;
  try {
    return SqliteStore.open(file, newHouse);
  } catch (error) {
    if (error instanceof ProtocolError) throw error;
    throw new ProtocolError('journal-unusable', `${file}: ${error instanceof Error ? error.message : error}`);
  }
}

/** What the checkpointer has left over. Throws what the disk says: then this thread is over, and the journal with it. */
function moveLog(): void {
  if (broken === undefined) store?.moveLog();
}

invariant(parentPort !== null, 'the store runs in a worker thread');
const port = parentPort;
const checkpointer = new Checkpointer((workerData as StoreOptions).file, moveLog, (error) => {
  broken ??= { failed: error.message };
});
port.on('message', async (call: StoreCall) => {
  // It is the last call, so nothing overtakes it; and the connection that is closed last tidies up.
  if (call.name === 'close') await checkpointer.close();
  port.postMessage(answer(call));
  if (call.name === 'close') port.close();
  // After the answer: nobody waits for it.
  if (call.name === 'append' && broken === undefined) checkpointer.count(call.args[0].length);
});
