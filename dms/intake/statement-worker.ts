/**
 * A thread of `StatementPool`: opens and verifies what it is sent, and answers in bunches. It holds the keys of the sessions
 * that it works for, until it is told that one is over.
 */
import { parentPort } from 'node:worker_threads';
import { ProtocolError, type RefusalCode } from '../../shared/errors.ts';
import { invariant } from '../../shared/invariant.ts';
import type { SealedCommand } from '../../shared/wire/socket-events.ts';
import { openStatement, type SessionKeys } from './open-statement.ts';
import type { SignedCommand } from './stages.ts';

/** What the pool says: here are a session's keys, open this, forget the keys. */
export type Order =
  | { readonly session: number; readonly keys: SessionKeys }
  | { readonly session: number; readonly order: number; readonly sealed: SealedCommand }
  | { readonly over: number };

/** What became of an order. `failed`: by a mistake of ours. */
export type Reply = { readonly order: number } & (
  | { readonly signed: SignedCommand }
  | { readonly refused: RefusalCode; readonly detail: string | undefined }
  | { readonly failed: string }
);

invariant(parentPort !== null, 'statements are opened in a worker thread');
const port = parentPort;
const sessions = new Map<number, SessionKeys>();
let replies: Reply[] = [];

port.on('message', (orders: readonly Order[]) => {
  for (const order of orders) {
    if ('over' in order) sessions.delete(order.over);
    else if ('keys' in order) sessions.set(order.session, order.keys);
    else void open(order.order, order.sealed, order.session);
  }
});

async function open(order: number, sealed: SealedCommand, session: number): Promise<void> {
  const keys = sessions.get(session);
  invariant(keys !== undefined, 'the keys come before what they open');
  reply(
    await openStatement(sealed, keys).then(
      (signed) => ({ order, signed }),
      (error: unknown) =>
        error instanceof ProtocolError
          ? { order, refused: error.code, detail: error.detail }
          : { order, failed: error instanceof Error ? (error.stack ?? error.message) : String(error) },
    ),
  );
}

/** What is ready in the same turn of the event loop goes together. */
function reply(one: Reply): void {
  if (replies.length === 0) setImmediate(sendReplies);
  replies.push(one);
}

function sendReplies(): void {
  port.postMessage(replies);
  replies = [];
}
