/** The operator's log: one JSON object per line, by pino. What must not be in it is taken out here, once for all callers. */
import { type DestinationStream, destination, type Logger, pino } from 'pino';

/** What a part of the DMS may do with the log. */
export type Log = Pick<Logger, 'info' | 'warn' | 'error' | 'fatal'>;

/** Never logged, at any depth that we log: what proves, opens or grants something, and who somebody is. */
const SECRET_FIELDS = [
  'authorization',
  'certificate',
  'envelope',
  'operatorToken',
  'proof',
  'sealed',
  'sealingKey',
  'statement',
  'subject',
  'timestamp',
  'token',
];

const STDERR = 2;

/** A log on stderr, or on `to`. Written at once, so that the last line before an end is there too. */
export function createLog(to: DestinationStream = destination({ dest: STDERR, sync: true })): Logger {
  const paths = SECRET_FIELDS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]);
  return pino({ base: { name: 'dms' }, redact: { paths, censor: '[left out]' } }, to);
}
