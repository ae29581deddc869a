/**
 * The yardsticks of the timestamp authority: the same server, with the same TLS, limits, checks and reading of bodies, and
 * routes that answer the same bytes to everybody. Prints the address when it listens. Arguments: home, bytes.
 */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { systemClock } from '../../shared/time/clock.ts';
import { PATHS } from '../../shared/wire/http-endpoints.ts';
import { parseConfig } from '../../trusted-service/config.ts';
import { MAX_TIMESTAMP_BYTES } from '../../trusted-service/http/body-limits.ts';
import { createGatekeeper } from '../../trusted-service/http/gatekeeper.ts';
import { RequestLimits } from '../../trusted-service/http/request-limits.ts';
import { type Answer, jsonAnswer, type Route } from '../../trusted-service/http/route.ts';
import { serveRoutes } from '../../trusted-service/http/serve-routes.ts';
import { createServer } from '../../trusted-service/main.ts';
import { Metrics } from '../../trusted-service/metrics/metrics.ts';
import { createServiceLog } from '../../trusted-service/service-log.ts';
import { loadTrustedService } from '../../trusted-service/trusted-service.ts';
import { TOGETHER_PATH } from './sides.ts';

/** All the load comes from one address. */
const UNLIMITED = 999_999_999;

const [home = '', bytes = '0'] = process.argv.slice(2);
const log = createServiceLog(pino.destination({ dest: 2, sync: true }));
const config = parseConfig({ home, port: '0' }, {}, home);
const onBug = (error: Error) => {
  throw error;
};
const service = await loadTrustedService(config, { machine: systemClock, log, onBug });
const answer = jsonAnswer({ constant: 'x'.repeat(Math.max(0, Number(bytes) - '{"constant":""}'.length)) });
const constant = (path: string, when: () => Promise<Answer> | Answer): Route => ({
  method: 'post',
  paths: [path],
  limit: 'timestamps',
  maxBodyBytes: MAX_TIMESTAMP_BYTES,
  answer: when,
});
const waiting: ((answer: Answer) => void)[] = [];
const routes = [constant(PATHS.timestamp, () => answer), constant(TOGETHER_PATH, answerTogether)];
const app = serveRoutes(routes, {
  gatekeeper: createGatekeeper(config.hosts),
  limits: new RequestLimits({ quotas: { timestamps: UNLIMITED, requests: UNLIMITED }, clock: systemClock }),
  metrics: new Metrics(),
  proxies: config.proxies,
  log,
  onBug,
});
const server = createServer({ ...service, app }, config.tls);
await once(server.listen(config.port, config.bind), 'listening');
const { port } = server.address() as AddressInfo;
const listening = `https://${config.hosts[0]}:${port}`;
process.stdout.write(`${JSON.stringify({ listening, rootFile: service.rootFile })}\n`);
process.once('SIGTERM', () => process.exit());
// The bench is gone.
process.once('disconnect', () => process.exit());

/**
 * Everybody who asked in this turn of the event loop is answered in the next one, as a batch of tokens is. A bunch of
 * answers costs less than as many single ones: reading is done when writing begins, and whoever receives is awake.
 */
function answerTogether(): Promise<Answer> {
  return new Promise((resolve) => {
    if (waiting.push(resolve) > 1) return;
    setImmediate(() => {
      for (const give of waiting.splice(0)) give(answer);
    });
  });
}
