/** Stand-in. */
import type { Instant, LotId } from '../../shared/wire/vocabulary.ts';
import type { Model } from '../store/model.ts';
import type { KeyPress } from './key-press.ts';

export interface Prompt {
  readonly text: string;
  readonly cursor: number;
}
export const EMPTY_PROMPT: Prompt = { text: '', cursor: 0 };
export interface PromptWorld {
  readonly model: Model;
  readonly now: Instant;
  readonly watched: ReadonlySet<LotId>;
}
export function press(
  prompt: Prompt,
  key: KeyPress,
  _world: PromptWorld,
): { readonly prompt: Prompt; readonly submitted?: string; readonly unused?: true } {
  const { text } = prompt;
  if (key.name === 'text') return { prompt: promptOf(text + key.text) };
  if (key.name === 'backspace') return { prompt: promptOf(text.slice(0, -1)) };
  if (key.name === 'enter') return { prompt: EMPTY_PROMPT, submitted: text };
  if (key.name === 'escape') return { prompt: EMPTY_PROMPT };
  return { prompt, unused: true };
}
export function promptOf(text: string, _history?: readonly string[]): Prompt {
  return { text, cursor: text.length };
}
export interface PromptDrawing {
  readonly line: string;
  readonly cursorColumn: number;
  readonly menu: readonly { readonly label: string; readonly help: string; readonly selected: boolean }[];
  readonly hint: string;
}
export function drawPrompt(prompt: Prompt, _world: PromptWorld, width: number): PromptDrawing {
  const line = prompt.text.slice(-(width - 1));
  return { line, cursorColumn: line.length, menu: [], hint: prompt.text === '' ? '' : 'Enter send · Esc close' };
}
