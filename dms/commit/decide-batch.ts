/**
 * One commit's worth of decisions. Each request is judged against the lots as they stand *and* what the requests before
 * it in the same batch would do to them, so that many bids on one lot share one commit. Nothing here is believed yet.
 */
import { encodeRecord, type JournalRecord } from '../../shared/journal/record.ts';
import type { LotId, Position } from '../../shared/wire/vocabulary.ts';
import type { AuctionEvent } from '../auction/events.ts';
import { evolve } from '../auction/evolve.ts';
import type { Lot } from '../auction/lot.ts';
import type { Entry } from '../journal/journal.ts';
import type { HouseState } from './house-state.ts';
import type { Request } from './request.ts';
import type { Lanes } from './request-queue.ts';

/** What one commit holds of a lane at most. */
interface Room {
  readonly records: number;
  readonly bytes: number;
}

/**
 * More records share one sync than a busy house gets in one; fewer would leave bidders waiting for a second. The bytes are what
 * a slow disk still writes within a few milliseconds.
 */
const FOR_PEOPLE: Room = { records: 512, bytes: 1_048_576 };
/** While nobody waits, and no more: whoever bids then waits for the commit that is under way. */
const FOR_THE_HOUSE: Room = { records: 48, bytes: 262_144 };
/** Beside people's, who wait for it too; so many at least, so that no crowd of bidders keeps a lot open. */
const BESIDE_PEOPLE: Room = { records: 24, bytes: 262_144 };
/** The largest record: two JWS of 8 KiB, a token's path, a certificate, with room. */
const MAX_RECORD_BYTES = 32_768;

/** A yes, as it would be recorded. */
export interface Decided {
  readonly event: AuctionEvent;
  readonly entry: Entry;
}

/** A request and what was decided on it; neither `decided` nor `no` where its id is recorded already. */
export interface Judged<R> {
  readonly request: R;
  readonly decided?: Decided;
  readonly no?: unknown;
}

/**
 * Takes off the front of both lanes what fits into one commit, and judges it: first what people have sent, then what the house
 * asks of itself. `newSalt` gives 32 random bytes.
 */
export function decideBatch<R extends Request<unknown>>(
  { people, house }: Lanes<R>,
  state: HouseState,
  newSalt: () => Uint8Array,
): Judged<R>[] {
  const tentative = new TentativeLots(state);
  const take = (lane: R[], room: Room) => judgeFrom(lane, room, state, tentative, newSalt);
  const ofPeople = take(people, FOR_PEOPLE);
  return [...ofPeople, ...take(house, ofPeople.length > 0 ? BESIDE_PEOPLE : FOR_THE_HOUSE)];
}

function judgeFrom<R extends Request<unknown>>(
  lane: R[],
  room: Room,
  state: HouseState,
  tentative: TentativeLots,
  newSalt: () => Uint8Array,
): Judged<R>[] {
  const batch: Judged<R>[] = [];
  for (let bytes = 0; batch.length < room.records && bytes + MAX_RECORD_BYTES <= room.bytes; ) {
    const request = lane.shift();
    if (request === undefined) break;
    const judged = state.recorded(request.id) === undefined ? judge(request, tentative, newSalt) : { request };
    batch.push(judged);
    if (judged.decided === undefined) continue;
    tentative.apply(judged.decided.entry.id, judged.decided.event);
    bytes += sizeOf(judged.decided.entry.record);
  }
  return batch;
}

function judge<R extends Request<unknown>>(request: R, lots: TentativeLots, newSalt: () => Uint8Array): Judged<R> {
  const before = lots.get(request.lot);
  const verdict = request.judge(before, lots.nextNumber);
  if ('no' in verdict) return { request, no: verdict.no };
  const { event, record } = verdict;
  const entry: Entry = {
    id: request.id,
    lot: request.lot,
    expect: before?.version ?? 0,
    buildsOn: lots.lastIdOf(request.lot),
    record: encodeRecord(record.public, record.private, newSalt()),
  };
  return { request, decided: { event, entry } };
}

/** The lots as they would be if everything decided so far were recorded. */
class TentativeLots {
  readonly #state: HouseState;
  readonly #changed = new Map<LotId, { readonly lot: Lot; readonly by: string }>();
  #position: Position;
  nextNumber: number;

  constructor(state: HouseState) {
    this.#state = state;
    this.#position = state.position;
    this.nextNumber = state.nextNumber;
  }

  get(lot: LotId): Lot | undefined {
    return this.#changed.get(lot)?.lot ?? this.#state.lots.get(lot);
  }

  /** The entry of this batch that brought the lot where it stands here; `undefined` if none has touched it. */
  lastIdOf(lot: LotId): string | undefined {
    return this.#changed.get(lot)?.by;
  }

  apply(id: string, event: AuctionEvent): void {
    this.#position = (this.#position + 1) as Position;
    this.#changed.set(event.lot, { lot: evolve(this.get(event.lot), event, this.#position), by: id });
    if (event.type === 'lot-listed') this.nextNumber += 1;
  }
}

function sizeOf({ publicPart, commitment, salt, privatePart }: JournalRecord): number {
  return publicPart.byteLength + commitment.byteLength + salt.byteLength + privatePart.byteLength;
}
