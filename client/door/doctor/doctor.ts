/** `gavel doctor`: looks at everything a client needs, changes nothing, and says what to do about what is wrong. */
import { loadRoot, TrustedServiceClient } from '../../../shared/http-client.ts';
import { type Certificate, parseCertificate, verifyRoot } from '../../../shared/pki/verify-certificate.ts';
import { type Clock, systemClock } from '../../../shared/time/clock.ts';
import { ClientError } from '../../client-error.ts';
import { type ClientConfig, parseClientConfig } from '../../config.ts';
import { TrustedServiceApi } from '../../connection/trusted-service-api.ts';
import { homeDirectory } from '../../environment.ts';
import { exitCodeForSignal } from '../../exit-codes.ts';
import { decodeIdentity, type IdentityFile } from '../../identity/identity.ts';
import { readPassphrase } from '../../identity/open-home.ts';
import { openStored } from '../../identity/secret-box.ts';
import { Interrupted } from '../../interrupted.ts';
import { askSecret } from '../../line/prompt.ts';
import type { ClientIo } from '../../line/terminal.ts';
import type { ClientOptions } from '../../options.ts';
import { LogApi } from '../../proof/log-api.ts';
import { readHomeSettings } from '../settings.ts';
import { examineModes, examineProgram, examineTerminal, readIdentity } from './examine-home.ts';
import {
  examineCertificate,
  examineClock,
  examineJournal,
  examineList,
  examineSigners,
  examineToken,
} from './examine-services.ts';
import { exitCodeOf, type Finding, jsonOf, look, tableOf, unseen, type Verdict } from './finding.ts';

/** Looks, prints a table or, with `--json`, one object. Resolves with the exit code. */
export async function runDoctor(options: ClientOptions, io: ClientIo, clock: Clock = systemClock): Promise<number> {
  try {
    const findings = [
      await look('program', examineProgram),
      ...(await examineHomeAndHouse(options, io, clock)),
      await look('terminal', () => examineTerminal(io)),
    ];
    io.stdout.write(options.json === true ? jsonOf(findings) : tableOf(findings));
    return exitCodeOf(findings);
  } catch (error) {
    if (error instanceof Interrupted) return exitCodeForSignal(error.signal);
    throw error;
  }
}

async function examineHomeAndHouse(options: ClientOptions, io: ClientIo, clock: Clock): Promise<Finding[]> {
  const directory = homeDirectory(options, io.env);
  const known: { config?: ClientConfig; identity?: IdentityFile | undefined } = {};
  const findings = [
    await look('home', () => examineModes(directory)),
    await look('settings', async () => {
      known.config = parseClientConfig(options, io.env, await readHomeSettings(directory));
      const { trustedServiceUrl, dmsUrl } = known.config;
      return { state: 'ok', says: `${trustedServiceUrl} and ${dmsUrl}`, data: { trustedServiceUrl, dmsUrl } };
    }),
    await look('identity', async () => {
      known.identity = await readIdentity(directory);
      return enrolment(known.identity);
    }),
  ];
  const { config, identity } = known;
  if (config === undefined) return [...findings, unseen('root', 'the settings do not say where the services are')];
  return [...findings, ...(await examineHouse(config, identity, { options, io, clock }))];
}

function enrolment(identity: IdentityFile | undefined): Verdict {
  if (identity?.credentials !== undefined) {
    const isProtected = identity.secrets.protection !== 'none';
    const says = `enrolled as ${identity.username}, ${isProtected ? 'keys under a passphrase' : 'keys without a passphrase'}`;
    return { state: 'ok', says, data: { username: identity.username, isProtected } };
  }
  return {
    state: 'warn',
    says: 'not enrolled yet',
    advice: 'Run `gavel client` on a terminal; it asks what it needs.',
  };
}

interface World {
  readonly options: ClientOptions;
  readonly io: ClientIo;
  readonly clock: Clock;
}

async function examineHouse(config: ClientConfig, identity: IdentityFile | undefined, world: World) {
  const known: { root?: Certificate } = {};
  const found = await look('root', async () => {
    known.root = await findRoot(config, identity);
    return { state: 'ok', says: `sha256:${known.root.sha256}` };
  });
  const { root } = known;
  if (root === undefined) return [found, unseen('services', 'it is not known whom to trust')];
  const http = new TrustedServiceClient({ baseUrl: config.trustedServiceUrl, root });
  const api = new TrustedServiceApi(http, root, world.clock);
  try {
    return [found, ...(await examineService(api, identity, config, world)), ...(await examineDms(config, root, http))];
  } finally {
    await api.close();
  }
}

/** The home's own, unless another one was configured. */
async function findRoot({ root, trustedServiceUrl }: ClientConfig, identity?: IdentityFile): Promise<Certificate> {
  const kept = identity === undefined ? undefined : verifyRoot(identity.root);
  if (root === undefined) {
    if (kept === undefined) throw new ClientError('root-missing');
    return kept;
  }
  if (kept !== undefined && root.replaceAll(':', '').toLowerCase() === `sha256${kept.sha256}`) return kept;
  const wanted = await loadRoot(root, trustedServiceUrl);
  if (kept !== undefined && kept.sha256 !== wanted.sha256) throw new ClientError('home-of-other-root');
  return wanted;
}

const OF_SERVICE = ['clock', 'signers', 'revocations', 'certificate', 'token'] as const;

async function examineService(
  api: TrustedServiceApi,
  identity: IdentityFile | undefined,
  { trustedServiceUrl }: ClientConfig,
  { options, io, clock }: World,
): Promise<Finding[]> {
  const service = await look('trusted-service', async () => {
    await api.syncTime();
    return { state: 'ok', says: `${trustedServiceUrl} answers, with TLS and a signed time of this root` };
  });
  if (service.state === 'fail') {
    return [service, ...OF_SERVICE.map((name) => unseen(name, 'the Trusted Service does not tell'))];
  }
  const credentials = identity?.credentials;
  const issuer = credentials === undefined ? undefined : parseCertificate(credentials.issuer);
  const findings = [
    service,
    await look('clock', () => examineClock(api, clock.now())),
    await look('signers', () => examineSigners(api)),
    await look('revocations', () => examineList(api, issuer)),
  ];
  if (identity === undefined || credentials === undefined) {
    return [...findings, unseen('certificate', 'not enrolled yet'), unseen('token', 'not enrolled yet')];
  }
  const certificate = await look('certificate', () => examineCertificate(api, credentials));
  if (certificate.state !== 'ok')
    return [...findings, certificate, unseen('token', 'the certificate is not valid now')];
  const token = await look('token', async () => {
    const secrets = await openKeys(identity, options, io);
    if (secrets === undefined)
      return { state: 'warn', says: 'not asked for: the keys are under a passphrase', advice: WITH_FILE };
    return examineToken(api, credentials, secrets);
  });
  return [...findings, certificate, token];
}

const WITH_FILE = 'Give it with --passphrase-file, or run this on a terminal.';

/** The identity key; `undefined` where nobody can be asked for the passphrase. Throws `passphrase-wrong`. */
async function openKeys(
  identity: IdentityFile,
  { passphraseFile, json }: ClientOptions,
  io: ClientIo,
): Promise<Uint8Array | undefined> {
  const { secrets: stored } = identity;
  const isTerminal = io.stdin.isTTY === true && io.stdout.isTTY === true && json !== true;
  let passphrase: string | undefined;
  if (stored.protection !== 'none') {
    if (passphraseFile !== undefined) passphrase = await readPassphrase(passphraseFile);
    else if (isTerminal) passphrase = await askSecret(io, 'Passphrase: ');
    else return undefined;
  }
  const { secrets } = await openStored(stored, passphrase);
  return decodeIdentity(identity, secrets).secretKey;
}

async function examineDms({ dmsUrl }: ClientConfig, root: Certificate, http: TrustedServiceClient): Promise<Finding[]> {
  const log = new LogApi(dmsUrl, root);
  const known: { answer?: Awaited<ReturnType<LogApi['checkpoint']>> } = {};
  try {
    const dms = await look('dms', async () => {
      known.answer = await log.checkpoint();
      return { state: 'ok', says: `${dmsUrl} answers, with TLS of this root` };
    });
    const { answer } = known;
    if (answer === undefined) return [dms, unseen('journal', 'the DMS does not tell')];
    return [dms, await look('journal', () => examineJournal(answer, root, http))];
  } finally {
    await log.close();
  }
}
