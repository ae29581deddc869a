/** The terms of a lot of which nothing matters but that it can be bid on. */
import { LotTerms } from '../../shared/wire/commands.ts';

const HOUR_MS = 3_600_000;

export function lotTerms(number: number, closesAt: number = Date.now() + HOUR_MS): LotTerms {
  return LotTerms.parse({ title: `Lot ${number}`, currency: 'EUR', startingPrice: 1, increment: 1, closesAt });
}
