/** `/metrics`, for Prometheus: for who has the metrics token or the operator's, unless the operator opens it to everybody. */

import { z } from 'zod';
import { PATHS } from '../../shared/wire/http-endpoints.ts';
import type { Route } from '../http/route.ts';
import type { OperatorAccess } from '../operator-access.ts';
import type { Metrics } from './metrics.ts';

export interface MetricsRoutesParts {
  readonly metrics: Metrics;
  /** Whoever has this token may read, and do nothing else. Absent: everybody may. */
  readonly metricsAccess: OperatorAccess | undefined;
  readonly operator: OperatorAccess;
}

export function createMetricsRoutes({ metrics, metricsAccess, operator }: MetricsRoutesParts): Route[] {
  const read: Route = {
    method: 'get',
    paths: [PATHS.metrics],
    about: {
      group: 'Service',
      summary: 'What the service counts, for Prometheus',
      more: 'For everybody where the service was started with `--metrics open`.',
      token: 'metrics',
      answers: { 200: [{ type: 'text/plain', schema: z.string() }] },
      refusals: [],
    },
    // How many stamps were asked for in the last second tells who bids of bids that are not announced yet.
    guard: ({ headers }) => {
      if (metricsAccess === undefined || metricsAccess.isRight(headers)) return;
      operator.demand(headers);
    },
    answer: async () => ({
      status: 200,
      headers: { 'Content-Type': metrics.type, 'Cache-Control': 'no-store' },
      body: await metrics.text(),
    }),
  };
  return [read];
}
