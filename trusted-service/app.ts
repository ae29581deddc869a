/** The HTTP skin of all authorities: who may speak, and which routes there are. */
import type { RequestListener } from 'node:http';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { RefusalCode } from '../shared/errors.ts';
import { PATHS, StateAnswer } from '../shared/wire/http-endpoints.ts';
import { type CertificateRoutesParts, createCertificateRoutes } from './certificate-authority/routes.ts';
import { type ClockRoutesParts, createClockRoutes } from './clock/routes.ts';
import type { DisclosureOffice } from './disclosure/disclosure-office.ts';
import { createDisclosureRoutes } from './disclosure/routes.ts';
import { createGatekeeper } from './http/gatekeeper.ts';
import type { RequestLimits } from './http/request-limits.ts';
import { jsonAnswer, jsonForm, type Route, type RouteAbout } from './http/route.ts';
import { serveRoutes } from './http/serve-routes.ts';
import { createMetricsRoutes, type MetricsRoutesParts } from './metrics/routes.ts';
import { createRegistrationRoutes, type RegistrationRoutesParts } from './registration/routes.ts';
import { createRotationRoutes, type RotationRoutesParts } from './rotation/routes.ts';
import type { BatchSigner } from './timestamp-authority/batch-signer.ts';
import { createRfc3161Route } from './timestamp-authority/rfc3161-route.ts';
import type { Rfc3161Signer } from './timestamp-authority/rfc3161-signer.ts';
import { createTimestampRoutes } from './timestamp-authority/routes.ts';
import { createTokenRoutes } from './token-issuer/routes.ts';
import type { TokenIssuer } from './token-issuer/token-issuer.ts';
import { type AboutParts, createAboutRoute } from './web/about-page.ts';
import { createDocsRoutes } from './web/docs-page.ts';
import { describeApi } from './web/openapi.ts';
import { createWitnessRoutes } from './witness/routes.ts';
import type { Witness } from './witness/witness.ts';

export interface AppParts
  extends CertificateRoutesParts,
    ClockRoutesParts,
    RegistrationRoutesParts,
    MetricsRoutesParts,
    AboutParts,
    RotationRoutesParts {
  readonly limits: RequestLimits;
  readonly tokenIssuer: TokenIssuer;
  readonly batchSigner: BatchSigner;
  readonly rfc3161Signer: Rfc3161Signer;
  readonly disclosure: DisclosureOffice;
  readonly witness: Witness;
  /** The names under which the service may be addressed. */
  readonly hosts: readonly string[];
  /** Addresses whose `X-Forwarded-For` is believed. */
  readonly proxies: readonly string[];
  /** Throws the refusal that says why the service can't do its work now. */
  readonly demandReady: () => void;
  readonly log: Logger;
  /** Told when an invariant is broken: the service should not go on. */
  readonly onBug: (error: Error) => void;
}

/** The application. It does not listen. */
export function createApp(parts: AppParts): RequestListener {
  const { log, onBug, proxies, limits, metrics } = parts;
  const routes: Route[] = [
    createAboutRoute(parts),
    ...createCertificateRoutes(parts),
    ...createRegistrationRoutes(parts),
    ...createRotationRoutes(parts),
    ...createTokenRoutes(parts.tokenIssuer),
    // Before the JSON routes: what is not of its media type goes on to them.
    createRfc3161Route(parts.rfc3161Signer),
    ...createTimestampRoutes(parts.batchSigner),
    ...createClockRoutes(parts),
    ...createDisclosureRoutes(parts.disclosure, log),
    ...createWitnessRoutes(parts.witness),
    ...createStateRoutes(parts.demandReady),
    ...createMetricsRoutes(parts),
    ...createDocsRoutes(),
    createOpenApiRoute(() => routes),
  ];
  return serveRoutes(routes, { gatekeeper: createGatekeeper(parts.hosts), limits, metrics, proxies, log, onBug });
}

/** `/healthz`: the process answers. `/readyz`: it can also do its work. */
function createStateRoutes(demandReady: () => void): Route[] {
  const ready = () => {
    demandReady();
    return jsonAnswer({ status: 'ready' });
  };
  return [
    {
      method: 'get',
      paths: [PATHS.health],
      about: aboutState('Whether the process answers'),
      answer: () => jsonAnswer({ status: 'ok' }),
    },
    {
      method: 'get',
      paths: [PATHS.ready],
      about: aboutState('Whether the service can do its work', ['clock-out-of-certificates']),
      answer: ready,
    },
  ];
}

function aboutState(summary: string, refusals: readonly RefusalCode[] = []): RouteAbout {
  return { group: 'Service', summary, answers: { 200: [jsonForm(StateAnswer)] }, refusals };
}

/** The description of all routes, itself among them. It is made when somebody asks for it first. */
function createOpenApiRoute(routes: () => readonly Route[]): Route {
  let text: string | undefined;
  return {
    method: 'get',
    paths: [PATHS.openApi],
    about: {
      group: 'Service',
      summary: 'This description (OpenAPI 3.1)',
      answers: { 200: [{ type: 'application/json', schema: z.looseObject({ openapi: z.string() }) }] },
      refusals: [],
    },
    answer: () => {
      text ??= JSON.stringify(describeApi(routes()));
      return { status: 200, headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-cache' }, body: text };
    },
  };
}
