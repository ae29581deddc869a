/** RFC 3161 over HTTP (section 3.4): the same path as the JSON tokens, told apart by the media type. */
import { adviceFor, ProtocolError, type RefusalCode } from '../../shared/errors.ts';
import { TIMESTAMP_QUERY_TYPE, TIMESTAMP_REPLY_TYPE } from '../../shared/timestamp/rfc3161.ts';
import { PATHS } from '../../shared/wire/http-endpoints.ts';
import { STOP_CODES } from '../guard/stop-book.ts';
import { MAX_TIMESTAMP_QUERY_BYTES } from '../http/body-limits.ts';
import { passingHeaders, refusalOf } from '../http/problem.ts';
import type { Answer, Route } from '../http/route.ts';
import { statusOf } from '../http/status-codes.ts';
import { encodeRejection, type TimestampFailure } from './encode-timestamp-reply.ts';
import type { Rfc3161Signer } from './rfc3161-signer.ts';
import { parseTimestampQuery } from './timestamp-query.ts';

/** What is wrong with a query. HTTP has done its part then: clients read a reply only where the status is 200. */
const QUERY_FAILURES: Partial<Record<RefusalCode, TimestampFailure>> = {
  malformed: 'badDataFormat',
  'timestamp-query-unsupported': 'badRequest',
  'timestamp-digest-unsupported': 'badAlg',
  'timestamp-policy-unsupported': 'unacceptedPolicy',
  'timestamp-extension-unsupported': 'unacceptedExtension',
};

/** What is wrong with us, or with the way here; also told by the status of HTTP. Every other one is a 'systemFailure'. */
const OTHER_FAILURES: Partial<Record<RefusalCode, TimestampFailure>> = {
  'clock-out-of-certificates': 'timeNotAvailable',
  'clock-stepped': 'timeNotAvailable',
  'signer-expired': 'timeNotAvailable',
  'frame-too-large': 'badDataFormat',
};

export function createRfc3161Route(signer: Rfc3161Signer): Route {
  return {
    method: 'post',
    paths: [PATHS.timestamp],
    mediaType: TIMESTAMP_QUERY_TYPE,
    limit: 'timestamps',
    about: {
      group: 'Time',
      summary: 'Have a digest stamped (RFC 3161)',
      body: { type: TIMESTAMP_QUERY_TYPE },
      answers: { 200: [{ type: TIMESTAMP_REPLY_TYPE }] },
      refusals: STOP_CODES,
      refusalType: TIMESTAMP_REPLY_TYPE,
    },
    maxBodyBytes: MAX_TIMESTAMP_QUERY_BYTES,
    answerError: answerRejection,
    answer: async (_call, body) => {
      // A request without a body has none to read.
      if (!(body instanceof Uint8Array)) throw new ProtocolError('malformed');
      return timestampReply(200, await signer.reply(parseTimestampQuery(body)));
    },
  };
}

/** The answer to what was thrown, as a TimeStampResp. Nothing of it but the code's own sentence is told. */
function answerRejection(error: unknown): Answer {
  const { code } = refusalOf(error) ?? new ProtocolError('internal');
  const failure = QUERY_FAILURES[code] ?? OTHER_FAILURES[code] ?? 'systemFailure';
  const status = code in QUERY_FAILURES ? 200 : statusOf(code);
  return timestampReply(status, encodeRejection(failure, adviceFor(code)), passingHeaders(code));
}

function timestampReply(status: number, body: Uint8Array, headers: Answer['headers'] = {}): Answer {
  return { status, headers: { ...headers, 'Content-Type': TIMESTAMP_REPLY_TYPE, 'Cache-Control': 'no-store' }, body };
}
