/** What changed for us from one model to the next: outbid, won, lost. Said once, and never of a bid that is still on its way. */

import { formatMoney } from '../commands/money.ts';
import type { LotModel, Model } from '../store/model.ts';
import { type Standing, standing } from '../store/select.ts';
import { lotName, outbidSentence } from './lot-words.ts';
import { type Effect, type Step, step } from './message.ts';
import { withNotice } from './notices.ts';
import type { NoticeKind, ScreenState } from './screen-state.ts';

/** Looks at the lots that changed since `before`. */
export function speakOfStandings(state: ScreenState, before: Model): Step {
  const changed = [...state.model.lots.values()].filter((lot) => before.lots.get(lot.lot) !== lot);
  return speakOf(state, changed);
}

/** Looks at these lots. */
export function speakOf(state: ScreenState, lots: readonly LotModel[]): Step {
  const busy = new Set(state.running.map(({ lot }) => lot));
  const told = new Map(state.told);
  const effects: Effect[] = [];
  let next = state;
  for (const lot of lots) {
    // Our own bid may be announced before we are told that it is ours.
    if (busy.has(lot.lot) && lot.status === 'open') continue;
    const [was, is] = [told.get(lot.lot), standing(lot)];
    told.set(lot.lot, is);
    const kind = was === undefined ? undefined : changeOf(was, is);
    if (kind === undefined) continue;
    const said = withNotice(next, { kind, at: state.moment.at, text: sentenceOf(kind, lot), lot: lot.lot });
    next = said.state;
    effects.push(...said.effects);
  }
  return step({ ...next, told }, ...effects);
}

function changeOf(was: Standing, is: Standing): NoticeKind | undefined {
  if (was === is) return undefined;
  if (is === 'outbid' && was === 'leading') return 'outbid';
  if (is === 'won') return 'won';
  return is === 'lost' ? 'lost' : undefined;
}

function sentenceOf(kind: NoticeKind, lot: LotModel): string {
  const price = formatMoney(lot.hammerPrice ?? lot.leading?.amount ?? lot.terms.startingPrice, lot.terms.currency);
  switch (kind) {
    case 'outbid':
      return outbidSentence(lot);
    case 'won':
      return `You won ${lotName(lot)} for ${price}.`;
    default:
      return `${lotName(lot)} went to somebody else for ${price}.`;
  }
}
