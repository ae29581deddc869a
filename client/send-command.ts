/** One command until the house has answered it: the same signed statement every time, with a new timestamp and seal for each attempt. */
import { beginSealing } from '#platform/seal.ts';
import { ProtocolError, type RefusalCode } from '../shared/errors.ts';
import type { Seal } from '../shared/platform/twins.ts';
import type { Accepted, CommandAnswer, ReceiptedAnswer, Rejected } from '../shared/wire/commands.ts';
import type { CertificatePem, CommandId } from '../shared/wire/vocabulary.ts';
import { untilItSucceeds } from './connection/back-off.ts';
import type { Link } from './connection/link.ts';
import { remedyFor } from './connection/recovery.ts';
import type { TrustedServiceApi } from './connection/trusted-service-api.ts';
import { errorKindOf, FailedError } from './errors.ts';
import { type SignedStatement, sealCommand } from './sealing/seal-command.ts';

/** No answer came in time: the command may be recorded or not. Send it again with this id to learn which. */
export class OutcomeUnknown extends FailedError {
  declare readonly id: CommandId;

  constructor(id: CommandId, options?: ErrorOptions) {
    super('outcome-unknown', { detail: `the id is ${id}`, id, ...options });
  }
}

/** What has been done for a command, in this order; from `stamped` on again where it has to be sent again. */
export type StageName = 'signed' | 'stamped' | 'sealed' | 'sent' | 'answered' | 'verified';

/** A stage that was reached. */
export interface Stage {
  readonly stage: StageName;
  /** Since the command was given. */
  readonly afterMs: number;
}

export interface CommandRoute {
  readonly link: Link;
  readonly api: TrustedServiceApi;
  /** Verifies the answer of the node with these certificates that a command is recorded. Throws 'receipt-invalid'. */
  readonly verify: (answer: ReceiptedAnswer, chain: readonly CertificatePem[]) => Promise<void>;
  /** Called at each stage. */
  readonly reached: (stage: StageName) => void;
  /** The overall deadline, or the end of the client. */
  readonly signal: AbortSignal;
}

/** Pauses grow to this: a stamp that was too old is likely good at the next attempt. */
const MAX_DELAY_MS = 2_000;
const INITIAL_DELAY_MS = 100;

/**
 * Sends a command until it is answered. Throws `OutcomeUnknown` where an envelope had left that nobody answered before the
 * signal ended the waiting, or before a later one was refused, which says nothing about it; otherwise the house's refusal,
 * or the reason why none could leave.
 */
export async function sendCommand(
  route: CommandRoute,
  id: CommandId,
  signed: SignedStatement,
): Promise<Accepted | Rejected> {
  const { signal } = route;
  const state: Progress = { undecided: false, waitingFor: 'dms-unreachable' };
  const answer = await untilItSucceeds(() => unlessAborted(attempt(route, signed, state), signal, state), {
    passes: (error) => remedyFor(error) !== undefined,
    signal,
    maxDelayMs: MAX_DELAY_MS,
    initialDelayMs: INITIAL_DELAY_MS,
  }).catch((cause) => {
    // Who could not prove what they said is to be left, whatever became of the command.
    throw state.undecided && errorKindOf(cause) !== 'trust' ? new OutcomeUnknown(id, { cause }) : cause;
  });
  if (answer.outcome === 'refused') {
    const refusal = new ProtocolError(answer.code, answer.detail);
    throw state.undecided ? new OutcomeUnknown(id, { cause: refusal }) : refusal;
  }
  if (answer.outcome === 'rejected') return answer;
  const { receipt: _receipt, ...accepted } = answer;
  return accepted;
}

interface Progress {
  /** Whether an envelope left that nobody answered: it may be recorded. */
  undecided: boolean;
  /** What to say if the waiting is ended now. */
  waitingFor: RefusalCode;
}

async function attempt(
  { link, api, signal, verify, reached }: CommandRoute,
  signed: SignedStatement,
  state: Progress,
): Promise<CommandAnswer> {
  state.waitingFor = 'dms-unreachable';
  const session = await link.session(signal);
  state.waitingFor = 'trusted-service-unreachable';
  const [timestamp, seal] = await Promise.all([api.stamp(signed.imprint), beginSealingSoon(session.sealingKey)]);
  reached('stamped');
  const sealed = sealCommand(signed, timestamp, seal);
  reached('sealed');
  // Who does not wait any more was told that this one did not leave.
  if (signal.aborted) throw new ProtocolError(state.waitingFor);
  const before = state.undecided;
  state.waitingFor = 'outcome-unknown';
  state.undecided = true;
  try {
    const answering = session.command(sealed);
    reached('sent');
    const answer = await answering;
    reached('answered');
    if (answer.outcome !== 'accepted') {
      state.undecided = before;
      return passing(answer);
    }
    // Who stops waiting in the middle of this was told nothing yet.
    await verify(answer, session.chain).finally(() => {
      state.undecided = before;
    });
    reached('verified');
    return answer;
  } catch (error) {
    // The connection was gone already: this envelope did not leave.
    if (error instanceof ProtocolError && error.code === 'dms-unreachable') state.undecided = before;
    throw error;
  }
}

/** The timestamp is asked for first: the request leaves in a later turn than this one. */
async function beginSealingSoon(sealingKey: Uint8Array): Promise<Seal> {
  await new Promise((resolve) => setTimeout(resolve));
  return beginSealing(sealingKey);
}

/** A refusal that passes is thrown, for the next attempt; every other answer is the answer. */
function passing(answer: CommandAnswer): CommandAnswer {
  if (answer.outcome !== 'refused') return answer;
  const refusal = new ProtocolError(answer.code, answer.detail);
  if (remedyFor(refusal) === undefined) return answer;
  throw refusal;
}

/** The deadline holds in the middle of an attempt too. */
async function unlessAborted<Result>(result: Promise<Result>, signal: AbortSignal, state: Progress): Promise<Result> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(new ProtocolError(state.waitingFor));
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort);
  try {
    return await Promise.race([result, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
