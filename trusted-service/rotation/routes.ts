/** Rotation over HTTP, for the operator alone. */
import type { Logger } from 'pino';
import { PATHS } from '../../shared/wire/http-endpoints.ts';
import { RotateRequest, RotationState } from '../../shared/wire/key-rotation.ts';
import { MAX_ROTATE_BYTES } from '../http/body-limits.ts';
import { type Call, jsonAnswer, jsonForm, jsonRoute, type Route } from '../http/route.ts';
import type { OperatorAccess } from '../operator-access.ts';
import type { Rotation } from './rotation.ts';

export interface RotationRoutesParts {
  readonly rotation: Rotation;
  readonly operator: OperatorAccess;
  readonly log: Logger;
}

export function createRotationRoutes({ rotation, operator, log }: RotationRoutesParts): Route[] {
  const guard = ({ headers }: Call) => operator.demand(headers);
  const rotate = jsonRoute({
    path: PATHS.rotate,
    guard,
    maxBodyBytes: MAX_ROTATE_BYTES,
    schema: RotateRequest,
    reply: RotationState,
    about: {
      group: 'Operator',
      summary: 'Have the next key of a kind made; it takes over by itself, or at once for a stolen one',
      more: 'The root certifies an issuing CA where its key is: `request` and `certificate` (docs/PROTOCOL.md, section 2.6).',
      token: 'operator',
      refusals: [
        'root-key-needed',
        'rotation-too-soon',
        'clock-out-of-certificates',
        'certificate-malformed',
        'certificate-untrusted',
        'certificate-expired',
        'certificate-not-yet-valid',
      ],
    },
    answer: async (request) => {
      const { role, now = false } = request;
      log.info({ event: 'rotation-asked', role, now });
      return rotation.rotate(request);
    },
  });
  const state: Route = {
    method: 'get',
    paths: [PATHS.rotate],
    guard,
    about: {
      group: 'Operator',
      summary: 'How the keys stand that take turns',
      token: 'operator',
      answers: { 200: [jsonForm(RotationState)] },
      refusals: [],
    },
    answer: () => jsonAnswer(rotation.state()),
  };
  return [rotate, state];
}
