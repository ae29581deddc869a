/** The public log over HTTP: for everybody, without a name or a token. What was answered about a finished part stays true for ever. */
import { z } from 'zod';
import { ProtocolError } from '../../shared/errors.ts';
import { encodePath } from '../../shared/journal/receipt.ts';
import { MAX_LOG_ENTRIES, MAX_LOG_PAGE_BYTES } from '../../shared/wire/limits.ts';
import {
  type CheckpointAnswer,
  type EntriesAnswer,
  LOG_PATHS,
  type LogEntry,
  type PathAnswer,
} from '../../shared/wire/log.ts';
import { Position } from '../../shared/wire/vocabulary.ts';
import type { CheckpointDesk } from '../proof/checkpoint-desk.ts';
import type { PublicBytes, PublicLog } from '../proof/public-log.ts';
import { entryOf } from '../proof/receipt-desk.ts';
import type { WitnessDesk } from '../proof/witness-desk.ts';

export interface LogRoutesParts {
  readonly house: {
    readonly log: PublicLog;
    readonly publicPosition: Position;
    publicRecords(after: Position, limit: number): Promise<PublicBytes[]>;
  };
  readonly checkpoints: Pick<CheckpointDesk, 'latest' | 'covering' | 'signedSize'>;
  readonly witness: Pick<WitnessDesk, 'newest'>;
}

/** An answer, and how long it stays true. */
export interface LogAnswer {
  readonly body: object;
  /** True for ever: caches may keep it. Otherwise they have to ask each time whether it changed. */
  readonly isFinal: boolean;
}

export type LogRoute = (query: URLSearchParams) => Promise<LogAnswer>;

/** Pages that are read from the journal at the same time: readers of the log must not keep bidders waiting. */
const MAX_READERS = 4;

/** A whole number without a sign, a leading zero, or another way to write it. */
const number = z
  .string()
  .regex(/^(0|[1-9]\d{0,14})$/)
  .transform(Number)
  .pipe(Position);
const positive = number.refine((value) => value >= 1);
const Nothing = z.strictObject({});
const EntriesQuery = z.strictObject({
  from: positive,
  limit: positive.refine((value) => value <= MAX_LOG_ENTRIES).default(MAX_LOG_ENTRIES as Position),
});
const InclusionQuery = z.strictObject({ position: positive, size: positive });
const ConsistencyQuery = z.strictObject({ from: positive, to: positive });

/** The routes by path. Each throws `ProtocolError` 'malformed' | 'log-too-short' | 'too-many-requests'. */
export function createLogRoutes(parts: LogRoutesParts): ReadonlyMap<string, LogRoute> {
  const { house, checkpoints } = parts;
  let readers = 0;
  return new Map<string, LogRoute>([
    [LOG_PATHS.checkpoint, (query) => checkpointAnswer(parse(Nothing, query), parts)],
    [
      LOG_PATHS.entries,
      async (query) => {
        const { from, limit } = parse(EntriesQuery, query);
        if (readers >= MAX_READERS) throw new ProtocolError('too-many-requests');
        readers += 1;
        return entriesAnswer(from, limit, parts).finally(() => {
          readers -= 1;
        });
      },
    ],
    [
      LOG_PATHS.inclusion,
      async (query) => {
        const { position, size } = parse(InclusionQuery, query);
        if (position > size) throw new ProtocolError('malformed', 'position is beyond size');
        await demandSigned(size, checkpoints, house.log);
        return pathAnswer(house.log.inclusion(position, size));
      },
    ],
    [
      LOG_PATHS.consistency,
      async (query) => {
        const { from, to } = parse(ConsistencyQuery, query);
        if (from > to) throw new ProtocolError('malformed', 'from is beyond to');
        await demandSigned(to, checkpoints, house.log);
        return pathAnswer(house.log.consistency(from, to));
      },
    ],
  ]);
}

async function checkpointAnswer(_query: object, { checkpoints, witness }: LogRoutesParts): Promise<LogAnswer> {
  const { checkpoint, chain } = await checkpoints.latest();
  const { newest } = witness;
  const witnessed = newest && { checkpoint: newest.checkpoint, chain: newest.chain, witness: newest.witness };
  const body: CheckpointAnswer = { checkpoint, chain, ...(witnessed && { witnessed }) };
  return { body, isFinal: false };
}

/** A page is final if the log goes on after it: then it ended because it was full, and is the same at every time. */
async function entriesAnswer(from: Position, limit: Position, parts: LogRoutesParts): Promise<LogAnswer> {
  const { house, checkpoints } = parts;
  await checkpoints.latest();
  // No further than a bid that nobody may know yet, and than what was signed.
  const end = Math.min(house.publicPosition, checkpoints.signedSize);
  const wanted = Math.min(limit, end - from + 1);
  const records = wanted > 0 ? await house.publicRecords((from - 1) as Position, wanted) : [];
  const entries: LogEntry[] = [];
  let bytes = 0;
  for (const record of records) {
    bytes += record.publicPart.byteLength;
    if (entries.length > 0 && bytes > MAX_LOG_PAGE_BYTES) break;
    entries.push(entryOf(record));
  }
  const body: EntriesAnswer = { from, entries };
  return { body, isFinal: entries.length === limit || entries.length < records.length };
}

function pathAnswer(path: readonly Uint8Array[]): LogAnswer {
  const body: PathAnswer = { path: encodePath(path) };
  return { body, isFinal: true };
}

/** Proofs are given about what was signed, and nothing beyond. */
async function demandSigned(size: Position, checkpoints: LogRoutesParts['checkpoints'], log: PublicLog): Promise<void> {
  if (size > log.size) throw new ProtocolError('log-too-short');
  await checkpoints.covering(size);
}

/** Every parameter once, each by its schema, and no other. */
function parse<Query>(schema: z.ZodType<Query>, query: URLSearchParams): Query {
  const given = [...query];
  const parsed = schema.safeParse(Object.fromEntries(given));
  if (parsed.success && new Set(given.map(([name]) => name)).size === given.length) return parsed.data;
  const fields = parsed.success
    ? 'a parameter occurs twice'
    : parsed.error.issues.map(({ path }) => path.join('.')).join(', ');
  throw new ProtocolError('malformed', fields);
}
