/** What was asked and answered, by everybody together, against the journal; and who heard how the sales ended. */
import { type Answered, type Asked, type Note, nameOf, type Who } from '../notes.ts';
import type { Report } from './problem.ts';
import type { Recorded } from './recorded.ts';
import { greatestOf, type SoldLot } from './sold-lots.ts';

type Sale = Extract<Note, { note: 'sale' }>;
type Role = Sale['role'];

export class CommandCheck {
  readonly #records: readonly Recorded[];
  readonly #report: Report;
  readonly #asked = new Map<string, Asked>();
  readonly #answers = new Map<string, Answered>();
  readonly #acknowledged = new Map<number, Asked>();
  readonly #sales = new Map<string, Sale[]>();

  constructor(records: readonly Recorded[], report: Report) {
    this.#records = records;
    this.#report = report;
  }

  take(note: Note): void {
    if (note.note === 'asked') this.#asked.set(note.id, note);
    else if (note.note === 'answered') this.#answered(note);
    else if (note.note === 'sale') this.#sales.set(note.lot, [...(this.#sales.get(note.lot) ?? []), note]);
  }

  get acknowledged(): number {
    return this.#acknowledged.size;
  }

  /** When all notes were taken. */
  finish(lots: ReadonlyMap<string, SoldLot>, isOver: boolean): void {
    this.#demandAsked();
    for (const lot of lots.values()) this.#checkNotices(lot, isOver);
    for (const lot of this.#sales.keys())
      if (!lots.has(lot)) this.#report('told-wrongly', `of lot ${lot}, which is none`);
  }

  #answered(answer: Answered): void {
    this.#answers.set(answer.id, answer);
    const asked = this.#asked.get(answer.id);
    if (answer.outcome !== 'accepted' || asked === undefined || answer.position === undefined) return;
    const { position } = answer;
    const other = this.#acknowledged.get(position);
    if (other !== undefined && other.id !== asked.id)
      this.#report('acknowledged-twice', `position ${position} to ${asked.id} and ${other.id}`);
    this.#acknowledged.set(position, asked);
    const record = this.#records[position - 1]?.record;
    const isIt =
      asked.amount === undefined
        ? record?.kind === 'listed' && record.lot === asked.lot
        : record?.kind === 'bid' && record.lot === asked.lot && record.amount === asked.amount;
    if (!isIt) this.#report('acknowledged-not-recorded', `${asked.id} of ${nameOf(asked.who)}, position ${position}`);
  }

  /** Each recorded command was acknowledged, or one like it may have been recorded: its asker never got an answer. */
  #demandAsked(): void {
    const open = new Map<string, number>();
    for (const asked of this.#unanswered()) open.set(keyOf(asked), (open.get(keyOf(asked)) ?? 0) + 1);
    for (const { position, record } of this.#records) {
      if ((record.kind !== 'listed' && record.kind !== 'bid') || this.#acknowledged.has(position)) continue;
      const key = keyOf(record.kind === 'bid' ? record : { lot: record.lot });
      const left = open.get(key) ?? 0;
      if (left === 0) this.#report('recorded-not-asked', `position ${position}, ${key}`);
      open.set(key, left - 1);
    }
  }

  #unanswered(): Asked[] {
    return [...this.#asked.values()].filter(({ id }) => (this.#answers.get(id)?.outcome ?? 'unknown') === 'unknown');
  }

  #checkNotices(lot: SoldLot, isOver: boolean): void {
    const winning = greatestOf(lot.bids);
    const isSold = lot.closed?.record.outcome === 'sold';
    const parties = {
      seller: this.#askersOf({ lot: lot.lot }),
      winner: isSold && winning !== undefined ? this.#askersOf(winning.record, winning.position) : [],
    };
    const sales = this.#sales.get(lot.lot) ?? [];
    for (const sale of sales) this.#checkNotice(sale, lot, parties);
    const roles: readonly Role[] = isSold ? ['seller', 'winner'] : ['seller'];
    for (const role of roles) {
      const told = new Set(sales.filter((sale) => sale.role === role).map(({ who }) => who));
      if (isOver && told.size === 0) this.#report('not-told', `the ${role} of lot ${lot.lot}`);
      if (told.size > 1) this.#report('told-to-others', `${told.size} people as ${role} of lot ${lot.lot}`);
    }
  }

  #checkNotice(sale: Sale, { lot, closed }: SoldLot, parties: Readonly<Record<Role, readonly Who[]>>): void {
    const { who, role, outcome, hammerPrice, counterparty } = sale;
    if (!parties[role].includes(who)) this.#report('told-to-others', `${nameOf(who)} as ${role} of lot ${lot}`);
    const record = closed?.record;
    if (outcome !== record?.outcome || hammerPrice !== record.hammerPrice)
      this.#report('told-wrongly', `${nameOf(who)} of lot ${lot}: ${outcome} for ${hammerPrice}`);
    const others: readonly (string | undefined)[] =
      outcome === 'sold' ? parties[role === 'seller' ? 'winner' : 'seller'].map(nameOf) : [undefined];
    if (!others.includes(counterparty)) this.#report('told-wrongly', `${nameOf(who)} of lot ${lot}: ${counterparty}`);
  }

  /** Who may have given this command: the one to whom it was acknowledged, or all who asked the same and got no answer. */
  #askersOf(command: { readonly lot: string; readonly amount?: number }, position?: number): readonly Who[] {
    const known = position === undefined ? this.#asked.get(command.lot) : this.#acknowledged.get(position);
    if (known !== undefined) return [known.who];
    const key = keyOf(command);
    return this.#unanswered()
      .filter((asked) => keyOf(asked) === key)
      .map(({ who }) => who);
  }
}

function keyOf({ lot, amount }: { readonly lot: string; readonly amount?: number }): string {
  return amount === undefined ? `lot ${lot}` : `bid of ${amount} on lot ${lot}`;
}
