/** Timestamps over HTTP: over an imprint, or over a nonce as the signed present time. */
import { z } from 'zod';
import { digestOfText } from '../../shared/crypto/digest.ts';
import { PATHS, TimeNonce, TimestampRequest } from '../../shared/wire/http-endpoints.ts';
import { MAX_TIMESTAMP_BYTES } from '../http/body-limits.ts';
import { jsonAnswer, jsonRoute, parseWith, type Route } from '../http/route.ts';
import type { BatchSigner } from './batch-signer.ts';

const TimeQuery = z.strictObject({ nonce: TimeNonce });

export function createTimestampRoutes(signer: BatchSigner): Route[] {
  const stamp = jsonRoute({
    path: PATHS.timestamp,
    maxBodyBytes: MAX_TIMESTAMP_BYTES,
    schema: TimestampRequest,
    answer: ({ imprint }) => signer.stamp(imprint),
  });
  const presentTime: Route = {
    method: 'get',
    paths: [PATHS.timestamp],
    answer: async ({ query }) => {
      const { nonce } = parseWith(TimeQuery, query);
      return jsonAnswer(await signer.stamp(digestOfText(nonce)));
    },
  };
  return [stamp, presentTime];
}
