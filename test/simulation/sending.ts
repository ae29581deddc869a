/** How a command is sent: when it is stamped, and after which answers it is sent again, as the client does. */
import { remedyFor } from '../../client/connection/recovery.ts';
import { digestOfText } from '../../shared/crypto/digest.ts';
import { ProtocolError } from '../../shared/errors.ts';
import type { TimestampToken } from '../../shared/wire/timestamp-token.ts';
import type { Answered } from './intake.ts';
import type { Traveller } from './network.ts';
import type { World } from './world.ts';

/** When a command is to be stamped, by the authority's clock, and how long it is to travel then. */
export interface Aim {
  readonly at: number;
  readonly travelMs: number;
}

/** `undefined` where the Trusted Service gives none. */
export async function stampFor(
  { authority, network, scheduler }: World,
  guest: Traveller,
  statement: string,
  aim: Aim | undefined,
): Promise<TimestampToken | undefined> {
  const stamp = () => authority.stamp(digestOfText(statement));
  try {
    if (aim === undefined) return await network.askService(guest, stamp);
    await scheduler.sleep(aim.at - authority.now());
    return stamp();
  } catch (error) {
    if (error instanceof ProtocolError) return undefined;
    throw error;
  }
}

/** Whether nothing else is to be expected. */
export function isFinal(answer: Answered | undefined): boolean {
  if (answer?.outcome !== 'refused') return answer !== undefined;
  return remedyFor(new ProtocolError(answer.code)) === undefined;
}
