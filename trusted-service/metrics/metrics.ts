/** The one door of prom-client: what the service counts, in a registry of its own. No label names a person, and each has few values. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { JwsSigner } from '../../shared/crypto/jws.ts';
import type { RefusalCode } from '../../shared/errors.ts';
import type { AuditEvent } from '../audit/audit-event.ts';

/** An answer that is out. */
export interface Answered {
  /** The first path of its route; `other` where there is none. */
  readonly route: string;
  readonly method: string;
  readonly status: number;
  /** Why it was refused. */
  readonly code: RefusalCode | undefined;
  readonly seconds: number;
}

/** From half a millisecond, which a timestamp may take, to what only a request in trouble takes. */
const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5];
/** Whatever else somebody sends as a method is one label. */
const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

export class Metrics {
  readonly #registry = new Registry();
  readonly #requests = new Histogram({
    name: 'gavel_http_request_duration_seconds',
    help: 'Time from a request to the end of its answer.',
    labelNames: ['route', 'method', 'status'] as const,
    buckets: SECONDS,
    registers: [this.#registry],
  });
  readonly #refusals = this.#counter('gavel_refusals_total', 'Requests that were refused.', ['route', 'code']);
  readonly #timestamps = this.#counter('gavel_timestamps_issued_total', 'Timestamps that were issued.', ['form']);
  readonly #signatures = this.#counter('gavel_signatures_total', 'Signatures made, by the purpose of the key.', [
    'key',
  ]);
  readonly #tokens = this.#counter('gavel_access_tokens_issued_total', 'Access tokens that were issued.', []);
  readonly #issued = this.#counter('gavel_certificates_issued_total', 'Certificates that were issued.', ['profile']);
  readonly #revoked = this.#counter('gavel_certificates_revoked_total', 'Keys that were withdrawn.', ['reason']);
  readonly #enrolled = this.#counter('gavel_enrolments_total', 'User names that were taken.', []);
  readonly #invites = this.#counter('gavel_invites_made_total', 'Invites that the operator made.', []);
  readonly #disclosed = this.#counter(
    'gavel_sales_disclosed_total',
    'Sales whose parties were named to each other.',
    [],
  );
  readonly #stops = this.#counter('gavel_stops_total', 'How often the service stopped rather than lie.', ['code']);

  constructor() {
    collectDefaultMetrics({ register: this.#registry });
    // A sum of nothing is 0, and not absent, from the first reading on.
    for (const form of ['json', 'rfc3161'] as const) this.#timestamps.inc({ form }, 0);
    for (const key of ['token-signer', 'timestamp-signer', 'issuing-ca'] as const) this.#signatures.inc({ key }, 0);
  }

  answered({ route, method: sent, status, code, seconds }: Answered): void {
    const method = METHODS.has(sent) ? sent : 'other';
    this.#requests.observe({ route, method, status }, seconds);
    if (code !== undefined) this.#refusals.inc({ route, code });
  }

  timestampsIssued(form: 'json' | 'rfc3161', count: number): void {
    this.#timestamps.inc({ form }, count);
  }

  signed(key: SigningKey): void {
    this.#signatures.inc({ key });
  }

  /** The service stopped issuing, for this reason. */
  stopped(code: RefusalCode): void {
    this.#stops.inc({ code });
  }

  /** What the audit journal was told, once it is on disk. */
  recorded(event: AuditEvent): void {
    // What else there is to tell happens too seldom to be counted.
    if (event.type === 'token-issued') this.#tokens.inc();
    else if (event.type === 'certificate-issued') this.#issued.inc({ profile: event.profile });
    else if (event.type === 'certificate-revoked') this.#revoked.inc({ reason: event.reason });
    else if (event.type === 'enrolled') this.#enrolled.inc();
    else if (event.type === 'invites-made') this.#invites.inc(event.count);
    else if (event.type === 'sale-disclosed') this.#disclosed.inc();
  }

  /** `gavel_ready`: asked at each reading. */
  watchReadiness(isReady: () => boolean): void {
    new Gauge({
      name: 'gavel_ready',
      help: '1 where the service can do its work, else 0; /readyz says why.',
      registers: [this.#registry],
      collect() {
        this.set(isReady() ? 1 : 0);
      },
    });
  }

  /** The media type of `text`. */
  get type(): string {
    return this.#registry.contentType;
  }

  /** Everything, in the text format of Prometheus. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  #counter<Label extends string>(name: string, help: string, labelNames: readonly Label[]): Counter<Label> {
    return new Counter({ name, help, labelNames, registers: [this.#registry] });
  }
}

/** Keys by what they are for. */
export type SigningKey = 'token-signer' | 'timestamp-signer' | 'issuing-ca';

/** A signer whose signatures are counted. */
export function countSignatures(signer: JwsSigner, key: SigningKey, metrics: Metrics): JwsSigner {
  return {
    // A signer may go on to another key.
    get kid() {
      return signer.kid;
    },
    sign: async (bytes) => {
      const signature = await signer.sign(bytes);
      metrics.signed(key);
      return signature;
    },
  };
}
