/** START HERE. Puts the authorities together: state, keys, clock, each authority, and the application in front of them. */
import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { authorityName } from '../shared/pki/trust-anchors.ts';
import { PrivateFolder } from '../shared/private-folder.ts';
import type { Clock } from '../shared/time/clock.ts';
import { TimestampVerifier } from '../shared/timestamp/verify-timestamp.ts';
import { type AppParts, createApp } from './app.ts';
import { AuditJournal } from './audit/audit-journal.ts';
import { loadAuthorityKeys } from './authority-keys.ts';
import { CertificateAuthority } from './certificate-authority/certificate-authority.ts';
import { Registry } from './certificate-authority/registry.ts';
import { RevocationPublisher } from './certificate-authority/revocation-publisher.ts';
import { SimulatedClock } from './clock/simulated-clock.ts';
import { TimeMonitor } from './clock/time-monitor.ts';
import type { TrustedServiceConfig } from './config.ts';
import { DisclosureOffice } from './disclosure/disclosure-office.ts';
import { createWatch } from './guard/create-watch.ts';
import { StopBook } from './guard/stop-book.ts';
import type { Watch } from './guard/watch.ts';
import { RequestLimits } from './http/request-limits.ts';
import { countSignatures, Metrics } from './metrics/metrics.ts';
import { loadToken, OperatorAccess, TOKEN_FILES } from './operator-access.ts';
import type { TlsIdentity } from './own-certificates.ts';
import { EnrolmentLimits } from './registration/enrolment-limits.ts';
import { InviteOffice } from './registration/invite-office.ts';
import { loadRotatingParts } from './rotation/create-rotation.ts';
import { namesInUse } from './rotation/key-ring.ts';
import { Rotation } from './rotation/rotation.ts';
import { loadStore, type Store } from './store/store.ts';
import { BatchSigner } from './timestamp-authority/batch-signer.ts';
import { Rfc3161Signer } from './timestamp-authority/rfc3161-signer.ts';
import type { Sequence } from './timestamp-authority/sequence.ts';
import { SerialBlocks } from './timestamp-authority/serial-blocks.ts';
import { PossessionProofs } from './token-issuer/possession-proofs.ts';
import { TokenIssuer } from './token-issuer/token-issuer.ts';
import { Upkeep } from './upkeep.ts';
import { Witness } from './witness/witness.ts';

/** What the service needs from outside. */
export interface Surroundings {
  /** The machine's clock. */
  readonly machine: Clock;
  readonly log: Logger;
  /** Told when an invariant is broken: the service should not go on. */
  readonly onBug: (error: Error) => void;
  /** How long a key is published before it is used; ten minutes if absent. */
  readonly publicationMs?: number | undefined;
}

export interface TrustedService {
  readonly app: RequestListener;
  readonly rootPem: string;
  /** `sha256:` and the root's fingerprint in hexadecimal: the authority's name. */
  readonly rootFingerprint: string;
  readonly rootFile: string;
  readonly operatorToken: string;
  readonly tlsIdentity: () => TlsIdentity;
  readonly upkeep: Upkeep;
  readonly watch: Watch;
  readonly rotation: Rotation;
  /** From now on not ready; what is under way goes on. */
  retire(): void;
  /** Lets go of the state. Nothing may be under way any more. */
  close(): void;
}

/** Loads the service from its folder, or makes it there. It does not listen. Throws `StartError`. */
export async function loadTrustedService(config: TrustedServiceConfig, around: Surroundings): Promise<TrustedService> {
  const folder = PrivateFolder.load(config.folder);
  const store = loadStore(folder.path);
  try {
    return assemble(await loadFoundation(config, around, folder, store), config, around);
  } catch (error) {
    // Another attempt in this process must find the store free.
    store.close();
    throw error;
  }
}

type Foundation = Awaited<ReturnType<typeof loadFoundation>>;

/** What all authorities stand on. */
async function loadFoundation(
  config: TrustedServiceConfig,
  { machine, log, publicationMs }: Surroundings,
  folder: PrivateFolder,
  store: Store,
) {
  const metrics = new Metrics();
  const audit = new AuditJournal(store, machine, (event) => metrics.recorded(event));
  const monitor = new TimeMonitor(machine, Math.max(store.numbers.timeReached(), store.audit.latestAt() ?? 0));
  const clock = SimulatedClock.load(config.clock, machine, store.numbers, audit, monitor);
  const { authorityKeys: records } = store;
  const keys = await loadAuthorityKeys(join(folder.path, 'keys'), machine.now(), audit, namesInUse(records));
  const { hosts } = config;
  const base = { keys, records, audit, clock, machine, hosts, periods: config, log, publicationMs };
  const rotating = await loadRotatingParts({ ...base, onIssuerSigned: () => metrics.signed('issuing-ca') });
  const { issuer, own } = rotating;
  const operatorToken = loadToken(config.operatorToken, folder, TOKEN_FILES.operator);
  const metricsToken =
    config.metrics === 'open' ? undefined : loadToken(config.metricsToken, folder, TOKEN_FILES.metrics);
  const name = authorityName(keys.root);
  const { clock: kind, registration } = config;
  audit.within((record) =>
    record({ type: 'service-started', by: 'operator', authority: name, clock: kind, registration }),
  );
  const access = { operatorToken, metricsToken };
  return { store, audit, clock, monitor, machine, keys, rotating, issuer, own, access, metrics, name };
}

function assemble(foundation: Foundation, config: TrustedServiceConfig, { log, onBug }: Surroundings): TrustedService {
  const { store, clock, keys, rotating, own, access, metrics, name } = foundation;
  const { operatorToken, metricsToken } = access;
  const authorities = createAuthorities(foundation, config);
  const upkeep = new Upkeep({ own, lists: authorities.publisher, proofs: store.proofs, clock, log });
  const rotation = new Rotation({ ...rotating, renew: () => upkeep.renew(), log });
  let retired = false;
  const watch = createWatch(foundation, {
    book: new StopBook(log, (code) => metrics.stopped(code)),
    // What fails is told, and tried again by the next turn.
    onRecovery: () => void upkeep.maintain().catch((error: unknown) => log.error({ err: error }, 'maintenance failed')),
  });
  const notReady = () => [...(retired ? [{ code: 'shutting-down' } as const] : []), ...watch.reasons()];
  metrics.watchReadiness(() => notReady().length === 0);
  const app = createApp({
    ...authorities,
    operator: new OperatorAccess(operatorToken),
    metrics,
    metricsAccess: metricsToken === undefined ? undefined : new OperatorAccess(metricsToken),
    limits: new RequestLimits({
      quotas: { timestamps: config.timestampsPerAddress, requests: config.requestsPerAddress },
      clock: foundation.machine,
    }),
    authorityName: name,
    dmsUrl: config.dmsUrl,
    rootPem: keys.root.pem,
    keySet: () => own.keySet(),
    clock,
    keyArchive: () => rotating.archive.published(),
    rotation,
    moved: async () => {
      await rotation.advance();
      await upkeep.renew();
    },
    hosts: config.hosts,
    proxies: config.proxies,
    notReady,
    onRefusal: (refusal) => watch.noteRefusal(refusal),
    log,
    onBug,
  });
  return {
    app,
    rootPem: keys.root.pem,
    rootFingerprint: name,
    rootFile: keys.rootFile,
    operatorToken,
    tlsIdentity: () => own.tlsIdentity(),
    upkeep,
    watch,
    rotation,
    retire: () => {
      retired = true;
    },
    close: () => store.close(),
  };
}

type Authorities = Pick<
  AppParts,
  'authority' | 'publisher' | 'invites' | 'tokenIssuer' | 'batchSigner' | 'rfc3161Signer' | 'disclosure' | 'witness'
>;

function createAuthorities(
  { store, audit, clock, machine, rotating, issuer, own, metrics, name }: Foundation,
  config: TrustedServiceConfig,
): Authorities {
  const { certificates: records, disclosures, numbers } = store;
  const invites = new InviteOffice({ invites: store.invites, clock, audit });
  const registry = new Registry(store.participants, clock, config.registration === 'invite' ? invites : undefined);
  const { enrolmentsPerAddress: perAddress, enrolmentsPerHour: inTotal } = config;
  const limits = new EnrolmentLimits({ perAddress, inTotal, clock: machine });
  const publisher = new RevocationPublisher(issuer, records, numbers, clock);
  const proofs = new PossessionProofs(store.proofs, name, clock);
  const timestamps = new TimestampVerifier(() => rotating.archive.timestampKeys(), name, clock.kind);
  const tokenSigner = countSignatures(own.tokenSigner, 'token-signer', metrics);
  const signer = countSignatures(own.timestampSigner, 'timestamp-signer', metrics);
  // One order for both kinds of timestamp.
  const sequence: Sequence = { clock, serials: new SerialBlocks(numbers) };
  const common = {
    ...{ issuer, records, registry, authority: name, clock, audit, signer: tokenSigner },
    chain: () => own.chain('token-signer'),
  };
  const stamping = { ...sequence, signer, chain: () => own.chain('timestamp-signer') };
  return {
    authority: new CertificateAuthority({
      issuer,
      registry,
      limits,
      records,
      publisher,
      proofs,
      clock,
      machine,
      audit,
    }),
    publisher,
    invites,
    tokenIssuer: new TokenIssuer({ ...common, proofs }),
    batchSigner: new BatchSigner({
      ...{ ...stamping, authority: name },
      onIssued: (count) => metrics.timestampsIssued('json', count),
    }),
    rfc3161Signer: new Rfc3161Signer({ ...stamping, onIssued: () => metrics.timestampsIssued('rfc3161', 1) }),
    disclosure: new DisclosureOffice({ ...common, timestamps, disclosures }),
    witness: new Witness({ ...common, seen: store.witness }),
  };
}
