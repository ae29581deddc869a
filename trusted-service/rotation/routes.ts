/** Rotation over HTTP, for the operator alone. */
import type { Logger } from 'pino';
import { PATHS, RotateRequest } from '../../shared/wire/http-endpoints.ts';
import { MAX_ROTATE_BYTES } from '../http/body-limits.ts';
import { type Call, jsonAnswer, jsonRoute, type Route } from '../http/route.ts';
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
    answer: async (request) => {
      const { role, now = false } = request;
      log.info({ event: 'rotation-asked', role, now });
      return rotation.rotate(request);
    },
  });
  return [rotate, { method: 'get', paths: [PATHS.rotate], guard, answer: () => jsonAnswer(rotation.state()) }];
}
