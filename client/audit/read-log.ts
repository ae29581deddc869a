/** The public log of a DMS as a copy of its journal, page by page, for as long as the reader has time. */
import { parseJws } from '../../shared/crypto/jws.ts';
import { ProtocolError } from '../../shared/errors.ts';
import { TrustedServiceClient } from '../../shared/http-client.ts';
import type { Certificate } from '../../shared/pki/verify-certificate.ts';
import { type CheckpointAnswer, CheckpointClaims, type LogEntry } from '../../shared/wire/log.ts';
import { ClientError } from '../client-error.ts';
import { delay } from '../connection/back-off.ts';
import { LogApi, MAX_PAGE_BYTES } from '../proof/log-api.ts';
import type { CopyPart, JournalCopy } from './journal-copy.ts';
import type { SignerChain } from './signer-archive.ts';

export interface LogAddress {
  readonly dmsUrl: string;
  readonly trustedServiceUrl: string;
  readonly root: Certificate;
  /** For everything together. */
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
}

export interface OpenedLog {
  readonly copy: JournalCopy;
  close(): Promise<void>;
}

/** For one answer. */
const TIMEOUT_MS = 15_000;
/** The log has readers enough for now. */
const PAUSE_MS = 250;

/** Fetches what a copy begins with. Throws what the services refuse, that they are away, and `too-slow`. */
export async function openLog(address: LogAddress): Promise<OpenedLog> {
  const { dmsUrl, root, deadlineMs, signal } = address;
  const log = new LogApi(dmsUrl, root, { timeoutMs: TIMEOUT_MS, maxReplyBytes: MAX_PAGE_BYTES });
  const deadline = AbortSignal.timeout(deadlineMs);
  const ask = <Answer>(question: () => Promise<Answer>) => patiently(question, { deadline, signal });
  try {
    const signers = await fetchSigners(address);
    const { witnessed, ...checkpoint } = await ask(() => log.checkpoint());
    const head = { checkpoint, signers, ...(witnessed && { witnessed }) };
    const copy: JournalCopy = {
      head,
      parts: () => parts({ checkpoint, ...(witnessed && { witnessed }) }, log, ask),
      prove: (size) => ask(() => log.consistency(size, sizeOf(checkpoint.checkpoint))),
    };
    return { copy, close: () => log.close() };
  } catch (error) {
    await log.close();
    throw error;
  }
}

/** Every certificate that a signer ever had, as the Trusted Service publishes them. */
export async function fetchSigners({
  trustedServiceUrl: baseUrl,
  root,
}: Pick<LogAddress, 'trustedServiceUrl' | 'root'>): Promise<SignerChain[]> {
  const service = new TrustedServiceClient({ baseUrl, root });
  try {
    return (await service.keyArchive()).certificates.map(({ kid, x5c }) => ({ kid, x5c }));
  } finally {
    await service.close();
  }
}

/** As it claims; whether it may is for the audit to say, before anything is asked for. */
function sizeOf(checkpoint: string): number {
  return parseJws(checkpoint, 'checkpoint+jwt', CheckpointClaims).claims.size;
}

interface Ends {
  readonly checkpoint: { readonly checkpoint: string };
  readonly witnessed?: CheckpointAnswer['witnessed'];
}

type Ask = <Answer>(question: () => Promise<Answer>) => Promise<Answer>;

async function* parts(ends: Ends, log: LogApi, ask: Ask): AsyncGenerator<CopyPart> {
  const size = sizeOf(ends.checkpoint.checkpoint);
  let shown = 0;
  while (shown < size) {
    const from = shown + 1;
    const page: readonly LogEntry[] = await ask(() => log.entries(from));
    if (page.length === 0) break;
    // Meanwhile the journal grows; this copy ends with its checkpoint.
    const entries = page.slice(0, size - shown);
    yield { kind: 'entries', entries };
    shown += entries.length;
  }
  const proofTo = async (signed: string | undefined) => {
    if (signed === undefined || shown === 0 || shown >= sizeOf(signed)) return shown === 0 ? [] : undefined;
    return ask(() => log.consistency(shown, sizeOf(signed)));
  };
  const [checkpoint, witnessed] = [
    await proofTo(ends.checkpoint.checkpoint),
    await proofTo(ends.witnessed?.checkpoint),
  ];
  yield { kind: 'end', end: { ...(checkpoint && { checkpoint }), ...(witnessed && { witnessed }) } };
}

async function patiently<Answer>(
  question: () => Promise<Answer>,
  { deadline, signal }: { deadline: AbortSignal; signal: AbortSignal },
): Promise<Answer> {
  for (;;) {
    signal.throwIfAborted();
    if (deadline.aborted) throw new ClientError('too-slow');
    try {
      return await question();
    } catch (error) {
      if (!(error instanceof ProtocolError && error.code === 'too-many-requests')) throw error;
      await delay(error.retryAfterMs ?? PAUSE_MS, AbortSignal.any([deadline, signal]));
    }
  }
}
