/** The package's front door, `import … from 'gavel'`: the client without a screen and the words that it takes and gives. docs/SDK.md. */
// biome-ignore-all lint/performance/noBarrelFile: the one file that others import by the package's name
export { verifyRoot } from '../shared/pki/verify-certificate.ts';
export type { Announcement, Disclosure } from '../shared/wire/announcements.ts';
export { LotTerms, type RejectionReason } from '../shared/wire/commands.ts';
export { Amount, CommandId, type Currency, type LotId } from '../shared/wire/vocabulary.ts';
export { AuctionClient } from './auction-client.ts';
export { ClientError, type ErrorKind } from './client-error.ts';
export type { AuctionClientEvents } from './client-events.ts';
export type { CommandOptions, CommandResult, ConnectOptions, LotList } from './client-options.ts';
export { formatAmount, parseAmount } from './commands/currency.ts';
export { AuctionError, errorKindOf, FailedError, RejectedError, TrustError } from './errors.ts';
export type { Sale } from './notice-desk.ts';
export { OutcomeUnknown } from './send-command.ts';
export type { LotModel, Model } from './store/model.ts';
