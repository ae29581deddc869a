/** The operators' log: JSON lines, with nothing in them that is secret or names a person. */
import { type DestinationStream, type Logger, type LoggerOptions, pino } from 'pino';

/** What must never be in a log, wherever in a logged object it stands. Nothing logs these; this is the second lock. */
const SECRETS = [
  'operatorToken',
  'authorization',
  'token',
  'proof',
  'csr',
  'contact',
  'username',
  'key',
  'invite',
  'codes',
  'note',
];

/** A logger that writes to `stream`. */
export function createServiceLog(stream: DestinationStream, level: LoggerOptions['level'] = 'info'): Logger {
  const paths = SECRETS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);
  const options = { name: 'trusted-service', level, redact: { paths, censor: '(hidden)' } };
  return pino(options, stream);
}
