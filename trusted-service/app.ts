/** The HTTP skin of all authorities: who may speak, and which routes there are. */
import type { RequestListener } from 'node:http';
import type { Logger } from 'pino';
import type { ProtocolError } from '../shared/errors.ts';
import { PATHS } from '../shared/wire/http-endpoints.ts';
import { type CertificateRoutesParts, createCertificateRoutes } from './certificate-authority/routes.ts';
import { type ClockRoutesParts, createClockRoutes } from './clock/routes.ts';
import type { DisclosureOffice } from './disclosure/disclosure-office.ts';
import { createDisclosureRoutes } from './disclosure/routes.ts';
import { answerReadiness, type ReadinessReason } from './guard/answer-readiness.ts';
import { createGatekeeper } from './http/gatekeeper.ts';
import { jsonAnswer, type Route } from './http/route.ts';
import { serveRoutes } from './http/serve-routes.ts';
import { createRegistrationRoutes, type RegistrationRoutesParts } from './registration/routes.ts';
import type { BatchSigner } from './timestamp-authority/batch-signer.ts';
import { createRfc3161Route } from './timestamp-authority/rfc3161-route.ts';
import type { Rfc3161Signer } from './timestamp-authority/rfc3161-signer.ts';
import { createTimestampRoutes } from './timestamp-authority/routes.ts';
import { createTokenRoutes } from './token-issuer/routes.ts';
import type { TokenIssuer } from './token-issuer/token-issuer.ts';

export interface AppParts extends CertificateRoutesParts, ClockRoutesParts, RegistrationRoutesParts {
  readonly tokenIssuer: TokenIssuer;
  readonly batchSigner: BatchSigner;
  readonly rfc3161Signer: Rfc3161Signer;
  readonly disclosure: DisclosureOffice;
  /** The names under which the service may be addressed. */
  readonly hosts: readonly string[];
  /** Addresses whose `X-Forwarded-For` is believed. */
  readonly proxies: readonly string[];
  /** Why the service can't do its work now, the gravest first. */
  readonly notReady: () => readonly ReadinessReason[];
  /** Told of each refusal that is answered. */
  readonly onRefusal?: (refusal: ProtocolError) => void;
  readonly log: Logger;
  /** Told when an invariant is broken: the service should not go on. */
  readonly onBug: (error: Error) => void;
}

/** The application. It does not listen. */
export function createApp(parts: AppParts): RequestListener {
  const { log, onBug, onRefusal, proxies } = parts;
  const routes = [
    ...createCertificateRoutes(parts),
    ...createRegistrationRoutes(parts),
    ...createTokenRoutes(parts.tokenIssuer),
    // Before the JSON routes: what is not of its media type goes on to them.
    createRfc3161Route(parts.rfc3161Signer),
    ...createTimestampRoutes(parts.batchSigner),
    ...createClockRoutes(parts),
    ...createDisclosureRoutes(parts.disclosure, log),
    ...createStateRoutes(parts.notReady),
  ];
  return serveRoutes(routes, { gatekeeper: createGatekeeper(parts.hosts), proxies, log, onBug, onRefusal });
}

/** `/healthz`: the process answers. `/readyz`: it can also do its work. */
function createStateRoutes(notReady: AppParts['notReady']): Route[] {
  return [
    { method: 'get', paths: [PATHS.health], answer: () => jsonAnswer({ status: 'ok' }) },
    { method: 'get', paths: [PATHS.ready], answer: () => answerReadiness(notReady()) },
  ];
}
