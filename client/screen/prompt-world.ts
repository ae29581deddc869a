/** What the prompt has to know of the world to complete words. */
import type { PromptWorld } from '../prompt/complete.ts';
import type { ScreenState } from './screen-state.ts';

export function promptWorld({ model, moment }: ScreenState): PromptWorld {
  return { model, now: moment.at, watched: model.watched };
}
