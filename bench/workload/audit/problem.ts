/** What an audit of a bench or a soak can find wrong. */

export const RULES = {
  'journal-broken': 'gavel verify does not hold the journal for true.',
  'acknowledged-not-recorded': 'What was acknowledged is not in the journal, or is another thing there.',
  'acknowledged-twice': 'Two commands were told the same position, or one was told two.',
  'recorded-not-asked': 'The journal has what nobody asked for, or what was rejected.',
  'accepted-after-closing': 'A bid counts that was stamped after the closing, or recorded after the record of it.',
  'winner-wrong': 'The winner is not the greatest bid by (amount, earlier time, serial).',
  'not-closed': 'A lot is still open after its closing, or was closed twice.',
  'told-to-others': 'A private notice went to somebody who is neither seller nor winner.',
  'told-wrongly': 'A private notice says something else than the journal.',
  'not-told': 'A seller or winner never heard how the sale ended.',
  'announced-otherwise': 'An announcement is not what the journal says.',
  'announced-out-of-order': 'Somebody heard announcements in another order than that of the journal.',
  'announcement-missed': 'Somebody who was there did not hear an announcement, or heard one that there is not.',
  'client-failed': 'A client could not go on, or could not use what the house sent.',
  'hostile-accepted': 'The house took what it had to refuse.',
  'process-ended': 'A process ended that nobody had killed.',
  growth: 'Memory or waiting grows without end.',
} as const satisfies Readonly<Record<string, string>>;
export type Rule = keyof typeof RULES;

export interface Problem {
  readonly rule: Rule;
  readonly detail: string;
}

/** Takes down what is wrong. */
export type Report = (rule: Rule, detail: string) => void;
