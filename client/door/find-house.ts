/** From one address to both services of a house and a root that somebody has compared. Nothing is kept here. */
import { loadRoot, TrustedServiceClient } from '../../shared/http-client.ts';
import type { Certificate } from '../../shared/pki/verify-certificate.ts';
import type { Clock } from '../../shared/time/clock.ts';
import { TrustedServiceApi } from '../connection/trusted-service-api.ts';
import { complaintOf } from '../line/facts-of.ts';
import { LogApi } from '../proof/log-api.ts';
import { printableLine } from '../store/printable.ts';
import type { Asker } from './asker.ts';
import { compareFingerprint, fingerprintRows, lastGroups } from './fingerprint.ts';
import { addressesMeant, fetchShownRoot, type Introduction, introduce } from './introduction.ts';

/** What is known of a house before anything is asked. */
export interface KnownHouse {
  readonly trustedServiceUrl?: string | undefined;
  readonly dmsUrl?: string | undefined;
  /** The root as somebody gave it: a certificate, a file, or its fingerprint. It is not asked about. */
  readonly root?: Certificate | string | undefined;
}

export interface FoundHouse {
  readonly trustedServiceUrl: string;
  readonly dmsUrl: string;
  /** At the Trusted Service, whose certificate is of the root. Somebody has to close it. */
  readonly api: TrustedServiceApi;
}

/** The port of a DMS if nobody says otherwise. */
const USUAL_DMS_PORT = '8444';

/** Asks until there is a house. Throws `Interrupted`, and `peer-untrusted` for another root than was given. */
export async function findHouse(asker: Asker, known: KnownHouse, machine: Clock): Promise<FoundHouse> {
  for (let hint: KnownHouse = known; ; hint = { root: known.root }) {
    const met = await meet(asker, hint);
    const { trustedServiceUrl } = met;
    const root = await findRoot(asker, trustedServiceUrl, known.root);
    if (root === undefined) continue;
    const api = new TrustedServiceApi(new TrustedServiceClient({ baseUrl: trustedServiceUrl, root }), root, machine);
    try {
      // From here on every answer is held to the root.
      await asker.during(api.syncTime());
      return { trustedServiceUrl, dmsUrl: await findDms(asker, root, met), api };
    } catch (error) {
      await api.close();
      tellOrThrow(asker, error);
    }
  }
}

interface Met {
  readonly trustedServiceUrl: string;
  readonly dmsUrl: string | undefined;
}

/** Asks for an address until one of the two services answers there, and lets that one tell the other. */
async function meet(asker: Asker, { trustedServiceUrl, dmsUrl }: KnownHouse): Promise<Met> {
  let preset = trustedServiceUrl ?? dmsUrl;
  let isAsked = preset === undefined;
  for (;;) {
    const typed = isAsked || preset === undefined ? await asker.ask(ADDRESS_QUESTION, { preset }) : preset;
    isAsked = true;
    preset = typed;
    const introduction = await introduced(asker, typed);
    if (introduction?.service === 'dms') {
      const { url } = introduction;
      const told = trustedServiceUrl ?? introduction.trustedServiceUrl;
      return { trustedServiceUrl: await findTrustedService(asker, told), dmsUrl: url };
    }
    if (introduction !== undefined)
      return { trustedServiceUrl: introduction.url, dmsUrl: dmsUrl ?? introduction.dmsUrl };
  }
}

const ADDRESS_QUESTION = 'Address of the house, such as auction.example:8444: ';

async function introduced(asker: Asker, typed: string): Promise<Introduction | undefined> {
  if (typed === '') {
    asker.say('  Whoever runs the house tells its address: that of its DMS or of its Trusted Service, one is enough.');
    return undefined;
  }
  try {
    return await asker.during(introduce(addressesMeant(typed)));
  } catch (error) {
    tellOrThrow(
      asker,
      error,
      `Nothing at ${printableLine(typed)} answers as a Gavel service. Type another address, or`,
    );
    return undefined;
  }
}

/** A DMS may know its Trusted Service by a name that is good in its own network alone. */
async function findTrustedService(asker: Asker, told: string): Promise<string> {
  let url = told;
  for (;;) {
    const introduction = await introduced(asker, url);
    if (introduction?.service === 'trusted-service') return introduction.url;
    if (introduction !== undefined) asker.say('  That is a DMS too.');
    url = await asker.ask('Address of the Trusted Service, such as trust.example:8443: ', { preset: url });
  }
}

/** `undefined`: somebody wants another address, or this one shows no root. */
async function findRoot(asker: Asker, url: string, given: KnownHouse['root']): Promise<Certificate | undefined> {
  if (typeof given === 'object') return given;
  if (given !== undefined) return loadRoot(given, url);
  try {
    const root = await asker.during(fetchShownRoot(url));
    return (await confirm(asker, url, root)) ? root : undefined;
  } catch (error) {
    tellOrThrow(asker, error);
    return undefined;
  }
}

async function confirm(asker: Asker, url: string, { sha256 }: Certificate): Promise<boolean> {
  asker.say(
    '',
    `${url} shows this fingerprint of its root certificate (SHA-256):`,
    '',
    ...fingerprintRows(sha256).map((row) => `    ${row}`),
    '',
    'Everything you will trust hangs on it. Compare it with what the operator gave you by another way:',
    "`root` in the line that `gavel trusted-service` printed, after 'sha256:'.",
  );
  for (;;) {
    const typed = await asker.ask(
      'Type its last 8 characters or paste all of it; y if every group is the same, n if not: ',
    );
    switch (compareFingerprint(typed, sha256)) {
      case 'same':
        return true;
      case 'another-address':
        asker.say('  Then this is not the house that you were told of. Ask its operator, and type its address.');
        return false;
      case 'differs':
        asker.say(
          `  That is another fingerprint: this one ends in ${lastGroups(sha256)}. If you typed it right, somebody stands`,
          '  between you and the house, or the address is wrong: do not go on. Type it once more, or n.',
        );
        break;
      case 'unclear':
        asker.say('  Type at least the last 8 characters of the fingerprint that you were given, or y, or n.');
    }
  }
}

/** The address that was told or typed, once a DMS under the root has answered there. */
async function findDms(asker: Asker, root: Certificate, { trustedServiceUrl, dmsUrl }: Met): Promise<string> {
  let preset = dmsUrl;
  let isAsked = preset === undefined;
  if (preset === undefined) {
    const { protocol, hostname } = new URL(trustedServiceUrl);
    preset = `${protocol}//${hostname}:${USUAL_DMS_PORT}`;
  }
  for (;;) {
    const typed: string = isAsked ? await asker.ask('Address of the DMS: ', { preset }) : preset;
    isAsked = true;
    preset = typed;
    try {
      for (const url of addressesMeant(typed).toReversed()) {
        if (await asker.during(isDms(url, root))) return url;
      }
    } catch (error) {
      tellOrThrow(asker, error, `No DMS of this house answers at ${printableLine(typed)}. Type another address, or`);
    }
  }
}

/** Throws `dms-unreachable`, and `peer-untrusted` where somebody else answers. */
async function isDms(url: string, root: Certificate): Promise<true> {
  const log = new LogApi(url, root);
  try {
    await log.checkpoint();
    return true;
  } finally {
    await log.close();
  }
}

/** What a person can mend is said; what nobody foresaw, and an interruption, goes on its way. */
export function tellOrThrow(asker: Asker, error: unknown, what?: string): void {
  const complaint = complaintOf(error);
  if (complaint === undefined) throw error;
  const { advice, detail } = complaint;
  const more = detail === undefined ? '' : ` (${printableLine(detail)})`;
  if (what === undefined) asker.say(`  ${advice}${more}`);
  else asker.say(`  ${what}`, `  mend this: ${advice}${more}`);
}
