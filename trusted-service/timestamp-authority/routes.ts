/** Timestamps over HTTP: over an imprint, or over a nonce as the signed present time. */
import { z } from 'zod';
import { digestOfText } from '../../shared/crypto/digest.ts';
import { PATHS, TimeNonce, TimestampAnswer, TimestampRequest } from '../../shared/wire/http-endpoints.ts';
import { STOP_CODES } from '../guard/stop-book.ts';
import { MAX_TIMESTAMP_BYTES } from '../http/body-limits.ts';
import { jsonAnswer, jsonForm, jsonRoute, parseWith, type Route } from '../http/route.ts';
import type { BatchSigner } from './batch-signer.ts';

const TimeQuery = z.strictObject({ nonce: TimeNonce });

export function createTimestampRoutes(signer: BatchSigner): Route[] {
  const stamp = jsonRoute({
    path: PATHS.timestamp,
    maxBodyBytes: MAX_TIMESTAMP_BYTES,
    schema: TimestampRequest,
    reply: TimestampAnswer,
    limit: 'timestamps',
    about: {
      group: 'Time',
      summary: 'Have a digest stamped',
      more: 'The answer is its place in a signed batch (docs/PROTOCOL.md, section 3.1), or a TimeStampResp to a TimeStampReq (RFC 3161, section 3.5).',
      refusals: STOP_CODES,
    },
    answer: ({ imprint }) => signer.stamp(imprint),
  });
  const presentTime: Route = {
    method: 'get',
    paths: [PATHS.timestamp],
    limit: 'timestamps',
    about: {
      group: 'Time',
      summary: 'The signed present time, over a nonce of the caller',
      query: TimeQuery,
      answers: { 200: [jsonForm(TimestampAnswer)] },
      refusals: ['malformed', ...STOP_CODES],
    },
    answer: async ({ query }) => {
      const { nonce } = parseWith(TimeQuery, query);
      return jsonAnswer(await signer.stamp(digestOfText(nonce)));
    },
  };
  return [stamp, presentTime];
}
