/** The witness over HTTP: the checkpoint itself shows who asks, and what was seen of a house is no secret. */
import { z } from 'zod';
import { PATHS } from '../../shared/wire/http-endpoints.ts';
import { Cosignature, WitnessedAnswer, WitnessRequest } from '../../shared/wire/log.ts';
import { HouseId } from '../../shared/wire/vocabulary.ts';
import { MAX_WITNESS_BYTES } from '../http/body-limits.ts';
import { jsonAnswer, jsonForm, jsonRoute, parseWith, type Route } from '../http/route.ts';
import type { Witness } from './witness.ts';

const SeenQuery = z.strictObject({ house: HouseId });

export function createWitnessRoutes(witness: Witness): Route[] {
  return [
    {
      method: 'get',
      paths: [PATHS.witness],
      about: {
        group: 'Witness',
        summary: "How much of a house's journal the witness has seen",
        query: SeenQuery,
        answers: { 200: [jsonForm(WitnessedAnswer)] },
        refusals: ['malformed'],
      },
      answer: ({ query }) => jsonAnswer(witness.seen(parseWith(SeenQuery, query).house)),
    },
    jsonRoute({
      path: PATHS.witness,
      maxBodyBytes: MAX_WITNESS_BYTES,
      schema: WitnessRequest,
      reply: Cosignature,
      about: {
        group: 'Witness',
        summary: "Cosign a checkpoint that continues what was seen of its house's journal",
        more: 'Another history of the house is refused, and kept as evidence (docs/PROTOCOL.md, section 6).',
        refusals: [
          'certificate-malformed',
          'certificate-untrusted',
          'certificate-revoked',
          'signature-invalid',
          'checkpoint-not-next',
          'log-inconsistent',
        ],
      },
      answer: (request) => witness.cosign(request),
    }),
  ];
}
