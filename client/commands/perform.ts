/** Stand-in. */

import { type Answer, answerLine, type LineClient } from '../line/answer.ts';
import type { Answering } from '../line/fact.ts';
import { formatAmount } from './currency.ts';
import type { Intent } from './intent.ts';
import { formatList } from './intent.ts';

export type Stage = {
  readonly stage: 'signed' | 'stamped' | 'sealed' | 'sent' | 'answered' | 'verified';
  readonly afterMs: number;
};
export type PerformClient = LineClient;
export function perform(
  client: PerformClient,
  intent: Intent,
  _more?: { readonly answering?: Answering; readonly onProgress?: (stage: Stage) => void },
): Promise<Answer> {
  void formatAmount;
  const line =
    intent.name === 'bid'
      ? `/bid ${intent.lot} ${intent.amount}`
      : intent.name === 'list'
        ? formatList(intent.terms, client.newCommandId())
        : `/${intent.name}`;
  return answerLine(client, line, 0);
}
