/** The prompt: a line that is edited, a menu of what fits at the cursor, and the lines before it. Pure: a key and the world make the next one. */
import { findCommand } from '../commands/command-table.ts';
import { type Choice, type Completion, complete, type PromptWorld } from './complete.ts';
import { type Editor, EMPTY_EDITOR, edit, insert, lineOf } from './editor.ts';
import type { KeyPress } from './key-press.ts';

export interface Prompt extends Editor {
  /** Earlier lines, the newest last. */
  readonly history: readonly string[];
  /** Which of them is shown, and the line that was left for it; absent in a new line. */
  readonly recalled?: { readonly index: number; readonly draft: string };
  /** Which choice of the menu somebody went to; absent while nobody has. */
  readonly chosen?: number;
  /** The menu was closed, until the line changes. */
  readonly isClosed: boolean;
}

export interface Pressed {
  readonly prompt: Prompt;
  /** The line, when it was sent. */
  readonly submitted?: string;
  /** The key means nothing here: it is for whoever is around the prompt. */
  readonly unused?: true;
}

export const EMPTY_PROMPT: Prompt = { ...EMPTY_EDITOR, history: [], isClosed: false };

/** Lines that are remembered while the client runs. */
const MAX_HISTORY = 500;

/** A prompt with a text in it and the cursor at its end. */
export function promptOf(text: string, history: readonly string[] = []): Prompt {
  return { ...insert(EMPTY_EDITOR, text), history, isClosed: false };
}

/** What a key makes of the prompt. */
export function press(prompt: Prompt, key: KeyPress, world: PromptWorld): Pressed {
  const edited = edit(prompt, key);
  if (edited !== undefined) return { prompt: afterEdit(prompt, edited) };
  if (key.name === 'chord') return recallByChord(prompt, key) ?? { prompt, unused: true };
  const menu = menuOf(prompt, world);
  switch (key.name) {
    case 'up':
    case 'down':
      return vertical(prompt, key.name === 'up' ? -1 : 1, menu);
    case 'tab':
      return menu === undefined ? { prompt, unused: true } : { prompt: take(prompt, menu, prompt.chosen ?? 0) };
    case 'enter':
      return enter(prompt, menu);
    case 'escape':
      return close(prompt, menu);
    default:
      return { prompt, unused: true };
  }
}

/** The choices that are shown; `undefined` while there is nothing to choose. */
function menuOf(prompt: Prompt, world: PromptWorld): Completion | undefined {
  return menuAmong(prompt, complete(prompt.text, prompt.cursor, world));
}

/** The same, of what fits. */
export function menuAmong(prompt: Prompt, completion: Completion): Completion | undefined {
  if (prompt.isClosed || prompt.text === '') return undefined;
  const [only, ...others] = completion.choices;
  const isThere = others.length === 0 && only?.text === prompt.text.slice(completion.from, prompt.cursor);
  return only === undefined || isThere ? undefined : completion;
}

function afterEdit(before: Prompt, edited: Editor): Prompt {
  const { chosen: _chosen, recalled: _recalled, ...prompt } = { ...before, ...edited };
  return edited.text === before.text ? { ...prompt, isClosed: before.isClosed } : { ...prompt, isClosed: false };
}

/** Through the menu, or through the history where there is none. With an empty line the arrows are not ours. */
function vertical(prompt: Prompt, step: 1 | -1, menu: Completion | undefined): Pressed {
  if (prompt.text === '' && prompt.recalled === undefined) return { prompt, unused: true };
  if (menu === undefined || prompt.recalled !== undefined) return { prompt: recall(prompt, step) };
  const count = menu.choices.length;
  const from = prompt.chosen ?? (step === 1 ? firstStep(menu) : 0);
  return { prompt: { ...prompt, chosen: (from + step + count) % count } };
}

/** Among commands the first is chosen already, so that the first step down goes to the second. */
const firstStep = (menu: Completion) => (menu.place.at === 'command' ? 0 : -1);

function recallByChord(prompt: Prompt, { key, ctrl }: Extract<KeyPress, { name: 'chord' }>): Pressed | undefined {
  if (ctrl !== true) return undefined;
  if (key === 'p' || key === 'n') return { prompt: recall(prompt, key === 'p' ? -1 : 1) };
  return key === 'r' ? { prompt: recall(prompt, -1, draftOf(prompt).trim()) } : undefined;
}

const draftOf = ({ recalled, text }: Prompt) => recalled?.draft ?? text;

/** An earlier or later line that has `part` in it; below the newest is what was being typed. */
function recall(prompt: Prompt, step: 1 | -1, part = ''): Prompt {
  const { history, recalled } = prompt;
  let index = (recalled?.index ?? history.length) + step;
  while (history[index]?.includes(part) === false) index += step;
  if (index < 0 || (recalled === undefined && step === 1)) return prompt;
  const draft = draftOf(prompt);
  const text = history[index];
  if (text === undefined) return { ...promptOf(draft, history), killed: prompt.killed, isClosed: true };
  return { ...promptOf(text, history), killed: prompt.killed, recalled: { index, draft }, isClosed: true };
}

/** Sends the line, unless a choice was gone to or the command is not typed out yet: then it is that which Enter takes. */
function enter(prompt: Prompt, menu: Completion | undefined): Pressed {
  if (prompt.text.trim() === '') return { prompt: cleared(prompt), ...(prompt.text === '' ? { unused: true } : {}) };
  const isHalf = menu?.place.at === 'command' && !isTypedOut(prompt, menu);
  if (menu === undefined || (prompt.chosen === undefined && !isHalf)) return submit(prompt);
  const taken = take(prompt, menu, prompt.chosen ?? 0);
  // A command that needs nothing more is sent at once.
  return menu.place.at === 'command' && !taken.text.endsWith(' ') ? submit(taken) : { prompt: taken };
}

function isTypedOut({ text, cursor }: Prompt, { choices, from }: Completion): boolean {
  return choices.some((choice) => choice.text === text.slice(from, cursor));
}

function submit(prompt: Prompt): Pressed {
  const submitted = prompt.text.trim();
  const { history } = prompt;
  const longer = history.at(-1) === submitted ? history : [...history, submitted].slice(-MAX_HISTORY);
  return { prompt: { ...cleared(prompt), history: longer }, submitted };
}

function close(prompt: Prompt, menu: Completion | undefined): Pressed {
  if (menu !== undefined) return { prompt: { ...prompt, isClosed: true } };
  return prompt.text === '' ? { prompt, unused: true } : { prompt: cleared(prompt) };
}

function cleared({ history, killed }: Prompt): Prompt {
  return { ...EMPTY_PROMPT, history, killed };
}

/** Puts a choice into the line, and a blank behind it where more is to come. */
function take(prompt: Prompt, { from, choices, place }: Completion, index: number): Prompt {
  const choice: Choice | undefined = choices[index];
  if (choice === undefined) return prompt;
  const { text, cursor } = prompt;
  const rest = text.slice(cursor);
  const gap = wantsMore(choice, place) && !/^\s/u.test(rest) ? ' ' : '';
  const line = text.slice(0, from) + choice.text + gap;
  return { ...afterEdit(prompt, lineOf(prompt, line + rest, line.length)), isClosed: false };
}

function wantsMore(choice: Choice, place: Completion['place']): boolean {
  if (place.at === 'command') return requiresWords(choice.text);
  if (place.at !== 'parameter') return place.at === 'option';
  const { command, parameter } = place;
  return command.parameters.at(-1) !== parameter;
}

/** Whether a command can't be sent as it is. */
function requiresWords(text: string): boolean {
  const [parameter] = findCommand(text.slice(1))?.parameters ?? [];
  return parameter !== undefined && parameter.optional !== true;
}
