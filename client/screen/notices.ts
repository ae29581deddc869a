/** The list of what concerns us, and what of it calls somebody who looks elsewhere. */
import { outbidSentence } from './lot-words.ts';
import { type Step, step } from './message.ts';
import type { Notice, NoticeKind, ScreenState } from './screen-state.ts';

const MAX_NOTICES = 100;

/** Those that can't wait until somebody looks. */
const URGENT: ReadonlySet<NoticeKind> = new Set(['outbid', 'ending', 'won', 'alarm']);

export function withNotice(state: ScreenState, notice: Notice): Step {
  const { flash: _flash, ...rest } = state;
  const next: ScreenState = {
    ...rest,
    notices: [...state.notices, notice].slice(-MAX_NOTICES),
    unseen: state.pane?.kind === 'notices' ? 0 : state.unseen + 1,
  };
  return URGENT.has(notice.kind) ? step(next, { type: 'alert', text: notice.text }) : step(next);
}

/** The notice of which the line below the table speaks: the last one, as long as it is news. */
export function currentNotice(state: ScreenState): Notice | undefined {
  const last = state.notices.at(-1);
  if (last === undefined || state.unseen === 0) return undefined;
  // What was answered needs no more saying.
  const lot = last.lot === undefined ? undefined : state.model.lots.get(last.lot);
  if (last.kind !== 'outbid' || lot === undefined) return last;
  // What it takes to answer is the price of now.
  return state.told.get(lot.lot) === 'outbid' ? { ...last, text: outbidSentence(lot) } : undefined;
}
