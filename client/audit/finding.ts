/** What an auditor can find: the first record that does not hold, and the rule that it breaks. */

/** Every rule, with what is wrong where it is broken. The names never change. */
export const AUDIT_RULES = {
  // the journal
  'checkpoint-invalid': 'The checkpoint is not by a node of this house under this root.',
  'cosignature-invalid': 'The cosignature is not by the witness of this root, or not on this checkpoint.',
  'witness-disagrees': 'The witness cosigned another journal than the house signed: the house has shown two.',
  'record-changed': 'The record is not the one that was signed.',
  'record-missing': 'The record that was signed is not here: a later one stands in its place, or the end was cut off.',
  'record-beyond': 'The record stands beyond the end that was signed.',
  'record-hidden': 'The record is kept back although no lot has bids that nobody may know yet.',
  'root-differs': 'The records lead to another root than the one that was signed.',

  // the evidence of a participant
  'statement-invalid': 'The statement is not signed by the key of a participant of this root.',
  'receipt-invalid': 'The receipt does not show that the statement is in the journal.',
  'opening-invalid': 'What was opened is not what the record is a commitment to.',
  'receipt-denied':
    'The house signed a receipt for a record that this journal does not have: it has shown two journals.',

  // each record
  'record-malformed': 'The record has another form than records of version 1.',
  'timestamp-invalid': 'The timestamp is not by a timestamp signer of this root, or not for this record.',
  'clock-mixed': 'The timestamp is of another kind of clock than that of the listing.',
  'lot-listed-twice': 'The lot was listed before.',
  'lot-not-found': 'The lot was not listed.',
  'lot-closed': 'The lot was closed before.',
  'statement-twice': 'The same signed command was recorded before.',
  'pseudonym-twice': 'The pseudonym was used before on this lot.',

  // listings
  'closing-not-in-future': 'The closing is not after the listing.',
  'closing-too-far': 'The closing is farther away than a lot may live.',
  'extension-before-closing': 'The extension ends before the lot closes.',

  // bids
  'timestamp-before-listing': 'The bid was stamped before the lot was listed.',
  'timestamp-after-closing': 'The bid was stamped at or after the closing.',
  'bid-below-starting-price': 'The bid is below the starting price.',
  'bid-below-increment': 'The bid is below the leading one and an increment.',
  'tie-lost': 'The leading bid has the same amount and was stamped earlier.',
  'closing-miscomputed': 'The effective closing after the bid is another one.',
  'withheld-too-early': 'The bid was withheld although it arrived before the closing.',

  // closings and what follows
  'closed-too-early': 'The signed time is before the effective closing and 3 seconds.',
  'outcome-wrong': 'A lot with a bid is sold, and one without is not.',
  'price-wrong': 'The hammer price is not what the greatest bid offers.',
  'winner-wrong': 'The winner is not the greatest bid by amount, then time, then serial.',
  'not-sold': 'Only a sold lot is disclosed, and only a closed one acknowledged.',
  'done-twice': 'This was recorded before.',
} as const satisfies Record<string, string>;

export type AuditRule = keyof typeof AUDIT_RULES;

/** Where it is broken. Without a position it is the journal as a whole. */
export interface Finding {
  readonly rule: AuditRule;
  readonly position?: number;
  readonly lot?: string;
  /** What was found, and what it ought to be. */
  readonly detail?: string;
}

/** On its way from a rule to the report. */
export class BrokenRule extends Error {
  override readonly name = 'BrokenRule';
  readonly rule: AuditRule;
  readonly detail: string | undefined;

  constructor(rule: AuditRule, detail?: string, options?: ErrorOptions) {
    super(detail === undefined ? rule : `${rule}: ${detail}`, options);
    this.rule = rule;
    this.detail = detail;
  }
}

/** Throws `BrokenRule` where the condition does not hold. */
export function demand(condition: boolean, rule: AuditRule, detail?: string): asserts condition {
  if (!condition) throw new BrokenRule(rule, detail);
}
