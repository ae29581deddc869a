/** A participant of a soak: the real client in a process of many, and a note of everything that it does and hears. */
import { join } from 'node:path';
import { type Answered, nameOf, type Who } from '../../bench/workload/notes.ts';
import type { Order, Outcome } from '../../bench/workload/orders.ts';
import type { AuctionClient } from '../../client/auction-client.ts';
import { AuctionClient as Client } from '../../client/auction-client.ts';
import type { CommandResult } from '../../client/client-options.ts';
import { errorKindOf } from '../../client/errors.ts';
import { KeyStore } from '../../client/identity/key-store.ts';
import { OutcomeUnknown } from '../../client/send-command.ts';
import { ProtocolError } from '../../shared/errors.ts';
import type { Certificate } from '../../shared/pki/verify-certificate.ts';
import type { Amount, CommandId, Position } from '../../shared/wire/vocabulary.ts';
import type { Heard } from './heard.ts';
import type { NoteBook } from './note-book.ts';

export interface Premises {
  readonly folder: string;
  readonly root: Certificate;
  readonly trustedServiceUrl: string;
  readonly dmsUrl: string;
}

export interface SeatParts extends Premises {
  readonly who: Who;
  readonly since: number | undefined;
  readonly book: NoteBook;
  readonly heard: Heard;
  readonly signal: AbortSignal;
  readonly onSale: (lot: string, role: 'seller' | 'winner') => void;
}

/** A house that is being killed and started all the time lets everybody in within this. */
const PATIENCE_MS = 120_000;

export class Seat {
  readonly #parts: SeatParts;
  readonly #client: AuctionClient;

  private constructor(parts: SeatParts, client: AuctionClient) {
    this.#parts = parts;
    this.#client = client;
  }

  /** Enrols the home if it is new, and connects. */
  static async enter(parts: SeatParts): Promise<Seat> {
    const { who, since, book, heard, folder, ...rest } = parts;
    const store = await KeyStore.open(join(folder, nameOf(who)));
    heard.begin(who);
    book.write({ note: 'enters', who, ...(since !== undefined && { since }) });
    const client = await Client.connect(
      {
        ...rest,
        store,
        username: nameOf(who),
        connectLimitMs: PATIENCE_MS,
        answerLimitMs: PATIENCE_MS,
        ...(since !== undefined && { since: since as Position }),
      },
      (one) => listen(one, parts),
    );
    return new Seat(parts, client);
  }

  get position(): number {
    return this.#client.position;
  }

  /** Notes what was heard since the last time. */
  flush(): void {
    this.#parts.heard.flush(this.#parts.who, this.#client.position);
  }

  async do(order: Order): Promise<Outcome> {
    if (order.kind === 'bid' || order.kind === 'list') return await this.#command(order);
    try {
      await (order.kind === 'allitems' ? this.#client.allItems() : this.#client.myItems());
      return { outcome: 'answered' };
    } catch (error) {
      return { outcome: 'refused', reason: this.#note('trouble', error) };
    }
  }

  async leave(): Promise<void> {
    await this.#client.close();
    this.flush();
  }

  async #command(order: Extract<Order, { kind: 'bid' | 'list' }>): Promise<Outcome> {
    const { who, book } = this.#parts;
    const id = this.#client.newCommandId();
    const about = order.kind === 'bid' ? { lot: order.lot, amount: order.amount } : { lot: id as string };
    book.write({ note: 'asked', who, id, ...about });
    const outcome = await this.#send(order, id).then(outcomeOf, (error: unknown) => ({
      outcome: error instanceof OutcomeUnknown ? ('unknown' as const) : ('refused' as const),
      reason: this.#note('trouble', error),
    }));
    book.write({ note: 'answered', who, id, ...outcome });
    return { ...outcome, lot: about.lot };
  }

  #send(order: Extract<Order, { kind: 'bid' | 'list' }>, id: CommandId): Promise<CommandResult> {
    if (order.kind === 'list') return this.#client.list(order.terms, { id });
    return this.#client.bid({ lot: order.lot, amount: order.amount as Amount, id });
  }

  #note(note: 'trouble' | 'failed', error: unknown): string {
    const code = codeOf(error);
    // A house that is away for long passes; everything else has to be explained.
    if (errorKindOf(error) !== 'failed') {
      this.#parts.book.write({ note, who: this.#parts.who, code, text: String((error as Error).stack ?? error) });
    }
    return code;
  }
}

function outcomeOf(result: CommandResult): Pick<Answered, 'outcome' | 'position' | 'reason'> {
  if (result.outcome === 'accepted') return { outcome: 'accepted', position: result.position };
  return { outcome: 'rejected', reason: result.reason };
}

function listen(client: AuctionClient, { who, book, heard, onSale }: SeatParts): void {
  client.on('announcement', (announcement) => heard.take(who, announcement));
  client.on('snapshot', (position) => heard.snapshot(who, position));
  client.on('auction-closed', ({ notice, counterparty }) => {
    const { lot, role, outcome, hammerPrice } = notice;
    const price = hammerPrice === undefined ? {} : { hammerPrice };
    const other = counterparty === undefined ? {} : { counterparty: counterparty.username };
    book.write({ note: 'sale', who, lot, role, outcome, ...price, ...other });
    onSale(lot, role);
  });
  const trouble = (note: 'trouble' | 'failed', error: unknown) =>
    book.write({ note, who, code: codeOf(error), text: String((error as Error).stack ?? error) });
  client.on('trouble', ({ error }) => {
    if (errorKindOf(error) !== 'failed') trouble('trouble', error);
  });
  client.on('failed', (error) => trouble('failed', error));
  client.on('fork', ({ error }) => trouble('failed', error));
}

function codeOf(error: unknown): string {
  return error instanceof ProtocolError ? error.code : String((error as { name?: unknown }).name ?? error);
}
