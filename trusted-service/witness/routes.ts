/** The witness over HTTP: the checkpoint itself shows who asks, and what was seen of a house is no secret. */
import { z } from 'zod';
import { PATHS } from '../../shared/wire/http-endpoints.ts';
import { WitnessRequest } from '../../shared/wire/log.ts';
import { HouseId } from '../../shared/wire/vocabulary.ts';
import { MAX_WITNESS_BYTES } from '../http/body-limits.ts';
import { jsonAnswer, jsonRoute, parseWith, type Route } from '../http/route.ts';
import type { Witness } from './witness.ts';

const SeenQuery = z.strictObject({ house: HouseId });

export function createWitnessRoutes(witness: Witness): Route[] {
  return [
    {
      method: 'get',
      paths: [PATHS.witness],
      answer: ({ query }) => jsonAnswer(witness.seen(parseWith(SeenQuery, query).house)),
    },
    jsonRoute({
      path: PATHS.witness,
      maxBodyBytes: MAX_WITNESS_BYTES,
      schema: WitnessRequest,
      answer: (request) => witness.cosign(request),
    }),
  ];
}
