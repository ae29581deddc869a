/**
 * The one place through which everything goes that a participant sends: names, arguments and acknowledgements are
 * strangers' until they have passed here, and no error leaves here except as an answer.
 */
import type { z } from 'zod';
import { ProtocolError, type RefusalCode } from '../../shared/errors.ts';
import { InvariantViolation } from '../../shared/invariant.ts';
import type { Refused } from '../../shared/wire/commands.ts';
import { fieldsOf } from '../admission/authenticate-peer.ts';
import type { Session } from '../admission/session.ts';
import { JournalFailed } from '../journal/journal.ts';
import type { Log } from '../log.ts';

/** A connection, as the handlers of requests see it. */
export interface Connection {
  readonly session: Session;
  /** From here on it hears what everybody hears. */
  join(): void;
  /** Sends what is private and waits for this participant. */
  sendNotices(): void;
}

/** Serves one kind of request. */
export interface Handler {
  /** Calls `run` with the argument, if it has the form that `run` expects. Must not wait before that. */
  readonly serve: (connection: Connection, argument: unknown) => Promise<object>;
  /** Called when the answer is out. */
  readonly after?: (connection: Connection) => void;
}

/** A handler whose argument has passed its schema. */
export function withSchema<Argument>(
  schema: z.ZodType<Argument>,
  run: (connection: Connection, argument: Argument) => Promise<object> | object,
): Handler['serve'] {
  return async (connection, argument) => {
    const parsed = schema.safeParse(argument);
    if (!parsed.success) throw new ProtocolError('malformed', fieldsOf(parsed.error.issues));
    return run(connection, parsed.data);
  };
}

export interface DispatchParts {
  readonly handlers: ReadonlyMap<string, Handler>;
  readonly log: Log;
  /** Called with an error after which this process must not go on. */
  readonly onFailure: (error: unknown) => void;
}

/** What was asked for is done, and can't be told properly just now. A refusal would say that it is not: no answer says neither. */
export class Untold extends Error {
  override readonly name = 'Untold';
}

/** Serves one packet: the name of an event, its arguments, and perhaps an acknowledgement. Tells whether it knew the name. */
export type Dispatch = (connection: Connection, packet: readonly unknown[]) => boolean;

export function createDispatch({ handlers, log, onFailure }: DispatchParts): Dispatch {
  return (connection, [name, ...rest]) => {
    const handler = typeof name === 'string' ? handlers.get(name) : undefined;
    if (handler === undefined) return false;
    const answer = takeAnswer(rest);
    serve(handler, connection, rest)
      .then(
        (reply) => {
          answer(reply);
          if (!isRefusal(reply)) handler.after?.(connection);
        },
        (error: unknown) => {
          const refusal = refusalFor(error);
          if (refusal !== undefined) answer(refusal);
          if (error instanceof ProtocolError) return;
          if (error instanceof Untold)
            log.warn({ err: error, request: name }, 'a request was served, and not answered');
          else log.error({ err: error, request: name }, 'a request failed by a mistake of ours');
          if (isFatal(error)) onFailure(error);
        },
      )
      // The answer is out or can't be given: what failed beside it is a mistake of ours.
      .catch(onFailure);
    return true;
  };
}

async function serve(handler: Handler, connection: Connection, args: readonly unknown[]): Promise<object> {
  if (args.length !== 1) throw new ProtocolError('malformed', 'a request has one argument');
  return handler.serve(connection, args[0]);
}

/** Takes the acknowledgement off the arguments. Who wants no answer gets none. */
function takeAnswer(args: unknown[]): (reply: object) => void {
  const last = args.at(-1);
  if (typeof last !== 'function') return () => {};
  args.pop();
  return (reply) => last(reply);
}

function isRefusal(reply: object): boolean {
  return 'outcome' in reply && reply.outcome === 'refused';
}

/** Whether nobody knows any more what is recorded. */
export function isFatal(error: unknown): boolean {
  return error instanceof JournalFailed || error instanceof InvariantViolation;
}

/** The answer to what was thrown; none where that would say more than is known: that is what the sender hears then. */
function refusalFor(error: unknown): Refused | undefined {
  if (isFatal(error) || error instanceof Untold) return undefined;
  if (!(error instanceof ProtocolError)) return { outcome: 'refused', code: 'internal' };
  return refused(error.code, error.detail);
}

/** As an answer, or as last words. */
export function refused(code: RefusalCode, detail: string | undefined): Refused {
  return { outcome: 'refused', code, ...(detail === undefined ? {} : { detail }) };
}
