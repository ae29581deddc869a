/** One line below the prompt: what is being typed, what is wrong with it so far, and the keys that matter. */

import type { CommandSpec, Parameter } from '../commands/command-table.ts';
import { formatMoney } from '../commands/money.ts';
import { nextValidBid } from '../store/select.ts';
import { complaintAbout } from './complaint.ts';
import { type Completion, lotBefore, type PromptWorld } from './complete.ts';
import type { Line } from './editor.ts';
import type { Place } from './typed-words.ts';

const KEYS = 'Enter send · Esc close';

/** Empty for an empty line. Not cut to any width; what matters most stands first. */
export function hintOf(line: Line, { place, choices }: Completion, world: PromptWorld, hasMenu: boolean): string {
  if (line.text === '') return '';
  // Half a command can still become each of the choices.
  const isOpen = place.at === 'command' && choices.length > 0;
  const complaint = isOpen ? undefined : complaintAbout(line, place, world);
  const parts = [shapeAt(place), complaint ?? aboutPlace(place, world), hasMenu ? `Tab complete · ${KEYS}` : KEYS];
  return parts.filter((part) => part !== '').join('   ');
}

/** `/bid <lot> <AMOUNT>`: capital letters for what is typed now. */
function shapeAt(place: Place): string {
  if (place.command === undefined) return '';
  const { name, parameters } = place.command;
  const words = parameters.map((parameter) => {
    const isNow = place.at === 'parameter' && parameter === place.parameter;
    return bracketed(isNow ? parameter.name.toUpperCase() : parameter.name, parameter);
  });
  const option = place.at === 'value' ? [`--${place.option.name} ${place.option.value ?? ''}`] : [];
  return [`/${name}`, ...words, ...option].join(' ');
}

function bracketed(word: string, { optional }: Parameter): string {
  return optional === true ? `[${word}]` : `<${word}>`;
}

function aboutPlace(place: Place, { model }: PromptWorld): string {
  switch (place.at) {
    case 'command':
      return place.command?.summary ?? '';
    case 'value':
      return place.option.help;
    case 'parameter': {
      const lot = place.parameter.kind === 'amount' ? lotBefore(place, model) : undefined;
      if (lot === undefined) return place.parameter.help;
      return `next valid: ${formatMoney(nextValidBid(lot), lot.terms.currency)}`;
    }
    case 'elsewhere':
      return '';
    default:
      return optionsOf(place.command);
  }
}

/** Behind the last word there is room for options alone. */
function optionsOf({ options }: CommandSpec): string {
  return options.map(({ name }) => `[--${name}]`).join(' ');
}
