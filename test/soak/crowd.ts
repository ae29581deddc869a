/** A process of participants: does what the soak says, and notes what they hear, until it is ended or killed. */
import type { Who } from '../../bench/workload/notes.ts';
import { verifyRoot } from '../../shared/pki/verify-certificate.ts';
import { Heard } from './heard.ts';
import type { FromCrowd, Settings, ToCrowd } from './messages.ts';
import { NoteBook } from './note-book.ts';
import { type Premises, Seat } from './seat.ts';

/** How often it is noted what was heard. */
const FLUSH_MS = 250;
/** Enrolments and connections that are under way at once. */
const AT_ONCE = 8;

const tell = (message: FromCrowd) => void process.send?.(message);

class Crowd {
  readonly #premises: Premises;
  readonly #book: NoteBook;
  readonly #heard: Heard;
  readonly #seats = new Map<Who, Seat>();
  readonly #leaving = new AbortController();
  readonly #orders = new Set<Promise<void>>();
  #entering: (() => Promise<void>)[] = [];
  #busy = 0;

  constructor({ rootPem, notes, folder, trustedServiceUrl, dmsUrl }: Settings) {
    this.#premises = { folder, root: verifyRoot(rootPem), trustedServiceUrl, dmsUrl };
    this.#book = new NoteBook(notes);
    this.#heard = new Heard(this.#book);
  }

  enter(who: Who, since: number | undefined): void {
    this.#entering.push(() => this.#enter(who, since));
    this.#nextEnters();
  }

  async leave(who: Who): Promise<void> {
    const seat = this.#seats.get(who);
    if (seat === undefined) return;
    this.#seats.delete(who);
    await seat.leave();
    tell({ type: 'left', who, position: seat.position });
  }

  do(message: Extract<ToCrowd, { type: 'do' }>): void {
    const doing = this.#do(message).finally(() => this.#orders.delete(doing));
    this.#orders.add(doing);
  }

  async #do({ who, number, order }: Extract<ToCrowd, { type: 'do' }>): Promise<void> {
    const seat = this.#seats.get(who);
    tell({ type: 'done', number, outcome: seat === undefined ? { outcome: 'absent' } : await seat.do(order) });
  }

  flush(): void {
    for (const seat of this.#seats.values()) seat.flush();
    tell({ type: 'told', positions: Array.from(this.#seats, ([who, seat]) => [who, seat.position]) });
  }

  async end(): Promise<void> {
    this.#entering = [];
    this.#leaving.abort();
    await Promise.all(Array.from(this.#seats.keys(), (who) => this.leave(who)));
    await Promise.all(this.#orders);
    this.#book.close();
  }

  async #enter(who: Who, since: number | undefined): Promise<void> {
    const [book, heard, { signal }] = [this.#book, this.#heard, this.#leaving];
    const onSale = (lot: string, role: 'seller' | 'winner') => tell({ type: 'sale', lot, role });
    try {
      this.#seats.set(who, await Seat.enter({ ...this.#premises, who, since, book, heard, signal, onSale }));
      tell({ type: 'entered', who });
    } catch (error) {
      if (signal.aborted) return;
      book.write({ note: 'failed', who, code: 'not-entered', text: String((error as Error).stack) });
    }
  }

  #nextEnters(): void {
    while (this.#busy < AT_ONCE) {
      const next = this.#entering.shift();
      if (next === undefined) return;
      this.#busy += 1;
      void next().finally(() => {
        this.#busy -= 1;
        this.#nextEnters();
      });
    }
  }
}

let crowd: Crowd | undefined;

async function take(message: ToCrowd): Promise<void> {
  if (message.type === 'settings') {
    crowd = new Crowd(message);
    setInterval(() => crowd?.flush(), FLUSH_MS).unref();
  } else if (message.type === 'enter') crowd?.enter(message.who, message.since);
  else if (message.type === 'leave') await crowd?.leave(message.who);
  else if (message.type === 'do') crowd?.do(message);
  else {
    await crowd?.end();
    process.disconnect();
  }
}

process.on('message', (message: ToCrowd) => void take(message));
process.once('disconnect', () => process.exit());
process.stdout.write('ready\n');
