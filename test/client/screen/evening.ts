/** An evening at the house as the screen knows it: three lots under way, one of them ending. */
import type { Fact } from '../../../client/line/fact.ts';
import type { KeyPress } from '../../../client/prompt/key-press.ts';
import type { Row } from '../../../client/screen/frame.ts';
import { frameOf } from '../../../client/screen/frame-of.ts';
import type { Effect, ScreenMessage } from '../../../client/screen/message.ts';
import { initialState, type Moment, type ScreenState, type Size } from '../../../client/screen/screen-state.ts';
import { update } from '../../../client/screen/update.ts';
import { EMPTY_MODEL, type Model } from '../../../client/store/model.ts';
import { type KnownAnnouncement, update as updateModel } from '../../../client/store/update.ts';
import type { Amount, Instant, LotId, Position } from '../../../shared/wire/vocabulary.ts';
import { at, bid, catalogueLot, lotId, termsOf } from '../lots.ts';

export const SIZE: Size = { columns: 80, rows: 24 };
/** 558 s after the lots of lots.ts were listed: lot 7 has 42 s left. */
export const NOW = at(558);

export function moment(changes: Partial<Moment> = {}): Moment {
  return { at: NOW, simulated: true, signed: true, aheadMs: 3 * 86_400_000, monotonic: 1_000, zoneMs: 0, ...changes };
}

/** Lot 7 is the one on which the tests bid. */
export function market(...announcements: readonly KnownAnnouncement[]): Model {
  const lots = [
    catalogueLot(7, { terms: termsOf(7, { title: 'Oak desk, 1920' }) }),
    catalogueLot(9, {
      terms: termsOf(9, { title: 'Field camera', startingPrice: 8_000 as Amount, closesAt: at(8_391) }),
    }),
    catalogueLot(12, {
      terms: termsOf(12, { title: 'Atlas, 2 volumes', startingPrice: 4_000 as Amount, closesAt: at(101_000) }),
      listedAt: at(540),
    }),
  ];
  const opened = updateModel(EMPTY_MODEL, { type: 'catalogue', lots });
  return heard(opened, ...announcements);
}

export function heard(model: Model, ...announcements: readonly KnownAnnouncement[]): Model {
  return announcements.reduce(
    (before, one) => updateModel(before, { type: 'announced', position: one.position, announcements: [one] }),
    model,
  );
}

/** The house has recorded a bid of ours. */
export function owned(model: Model, n: number, position: number, amount: number): Model {
  const ours = { lot: lotId(n), position: position as Position, amount: amount as Amount };
  return updateModel(model, { type: 'bid-accepted', ...ours });
}

/** A screen that has lived: what it was told, in order. */
export class Evening {
  state: ScreenState;
  readonly effects: Effect[] = [];

  constructor(size: Size = SIZE, at: Moment = moment()) {
    this.state = initialState(size, at);
  }

  /** Hands over messages. */
  after(...messages: readonly ScreenMessage[]): this {
    for (const message of messages) {
      const step = update(this.state, message);
      this.state = step.state;
      this.effects.push(...step.effects);
    }
    return this;
  }

  read(model: Model, changes: Partial<Moment> = {}): this {
    const reading = { moment: moment(changes), model, certificateEndsAt: (NOW + 23 * 3_600_000) as Instant };
    return this.after({ type: 'read', reading });
  }

  told(fact: Fact): this {
    return this.after({ type: 'told', fact });
  }

  /** Types text as it comes from a terminal, one key at a time. */
  type(text: string): this {
    for (const key of text) this.after({ type: 'key', key: { name: 'text', text: key } });
    return this;
  }

  press(name: Exclude<KeyPress['name'], 'text' | 'chord'>): this {
    return this.after({ type: 'key', key: { name } });
  }

  rows(): string[] {
    return frameOf(this.state).rows.map(textOf);
  }

  text(): string {
    return this.rows().join('\n');
  }
}

const textOf = (row: Row) => row.map(({ text }) => text).join('');

export const HELLO: Fact = {
  type: 'hello',
  data: { username: 'ann', subject: '7f3aQ2b8xy91', house: 'h', dms: 'https://house.example:8444', position: 1 },
};

export function bidFact(n: number, position: number, amount: number, changes: { readonly mine?: boolean } = {}): Fact {
  const about = { lot: lotId(n), number: n, title: `Lot ${n}`, currency: 'EUR' };
  const when = { placedAt: at(position), closesAt: at(600), bids: 1, pseudonym: 'p' };
  return { type: 'bid', data: { ...about, ...when, position, amount, mine: false, ...changes } };
}

export function acceptedFact(n: number, position: number, amount: number): Fact {
  const about = { lot: lotId(n), number: n, title: `Lot ${n}`, currency: 'EUR' };
  return { type: 'accepted', data: { ...about, command: 'bid', commandId: 'c', position, amount } };
}

/** Two bids of ours, one of them outbid, and all that was said about them. */
export function live(size: Size = SIZE): Evening {
  const prices = [10_000, 10_500, 11_000, 11_500];
  const before = prices.reduce(
    (model, amount, index) => heard(model, bid(400 + index, 7, amount, { bids: index + 1 })),
    market(),
  );
  const ours = owned(heard(before, bid(409, 7, 12_000, { bids: 5 })), 7, 409, 12_000);
  const camera = owned(heard(ours, bid(405, 9, 8_000)), 9, 405, 8_000);
  const outbid = heard(camera, bid(410, 7, 12_500, { bids: 6 }));
  return new Evening(size)
    .read(market())
    .told(HELLO)
    .after({ type: 'latency', ms: 42 })
    .told(bidFact(9, 405, 8_000, { mine: true }))
    .read(camera)
    .after({ type: 'answered', number: 1, fact: acceptedFact(7, 409, 12_000) })
    .read(outbid)
    .told(bidFact(7, 410, 12_500))
    .after({ type: 'proof', position: 410 as Position, proof: 'verified' })
    .after({ type: 'proof', position: 405 as Position, proof: 'verified' })
    .read(outbid, { monotonic: 60_000 })
    .read(outbid);
}

export const LOT_7: LotId = lotId(7);
