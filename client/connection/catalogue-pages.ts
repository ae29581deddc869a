/** A catalogue comes in pages: the rest of one, asked for page after page, as fast as the house answers questions. */
import { ProtocolError } from '../../shared/errors.ts';
import type { CatalogueLot, CataloguePage } from '../../shared/wire/announcements.ts';
import { untilItSucceeds } from './back-off.ts';

/** A house of a million lots is read within this, and none is read for ever. */
const LIMIT_MS = 120_000;
/** Who has asked too often may ask again very soon. */
const PAUSE_MS = { initialDelayMs: 50, maxDelayMs: 200 } as const;

/** The lots of this page and of all that come after it, as `ask` brings them. Throws what that throws. */
export async function allPages(
  first: CataloguePage,
  ask: (after: number) => Promise<CataloguePage>,
): Promise<readonly CatalogueLot[]> {
  if (first.more !== true) return first.lots;
  const signal = AbortSignal.timeout(LIMIT_MS);
  const lots = [...first.lots];
  for (let page = first; page.more === true; ) {
    const after = page.lots.at(-1)?.number;
    // Else there would be no end of it.
    if (after === undefined) throw new ProtocolError('malformed', 'a page of the catalogue is empty');
    page = await untilItSucceeds(() => ask(after), { ...PAUSE_MS, passes: isTooOften, signal });
    lots.push(...page.lots);
  }
  return lots;
}

function isTooOften(error: unknown): boolean {
  return error instanceof ProtocolError && error.code === 'too-many-requests';
}
