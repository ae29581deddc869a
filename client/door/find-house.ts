/** From one address to both services of a house and a root that somebody has compared. Nothing is kept here. */
import { loadRoot, TrustedServiceClient } from '../../shared/http-client.ts';
import type { Certificate } from '../../shared/pki/verify-certificate.ts';
import type { Clock } from '../../shared/time/clock.ts';
import { TrustedServiceApi } from '../connection/trusted-service-api.ts';
import { complaintOf } from '../line/facts-of.ts';
import { LogApi } from '../proof/log-api.ts';
import { printableLine } from '../store/printable.ts';
import type { Asker } from './asker.ts';
import { compareFingerprint, fingerprintRows } from './fingerprint.ts';
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
    tellOrThrow(asker, error, `Nothing at ${printableLine(typed)} answers as a Gavel service.`);
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
  asker.say('', `${url} shows a root certificate with this fingerprint:`, '');
  asker.say(...fingerprintRows(sha256).map((row) => `    ${row}`), '', COMPARE, '');
  for (;;) {
    const typed = await asker.ask('Its last 8 characters, or all of it, or y / n: ');
    switch (compareFingerprint(typed, sha256)) {
      case 'same':
        return true;
      case 'another-address':
        asker.say('  Then this is not the house that you were told of. Ask its operator, and type its address.', '');
        return false;
      case 'differs':
        asker.say(DIFFERS);
        break;
      case 'unclear':
        asker.say('  Type at least the last 8 characters of the fingerprint that you were given, or y, or n.');
    }
  }
}

const COMPARE =
  'Everything you will trust hangs on it. Compare it with the one that the operator gave you by another way than this ' +
  'network: `root` in the line that `gavel trusted-service` printed. Type the end of that one, or y if every group is ' +
  'the same, or n if not.';
const DIFFERS =
  '  That is another fingerprint than the one above. If you typed it right, the address is wrong, or somebody stands ' +
  'between you and the house: do not go on. Type it once more, or n for another address.';

/** The address that was told or typed, once a DMS under the root has answered there. */
async function findDms(asker: Asker, root: Certificate, { trustedServiceUrl, dmsUrl }: Met): Promise<string> {
  const guess = usualDmsOf(trustedServiceUrl);
  let address = dmsUrl ?? guess;
  for (;;) {
    try {
      return await asker.during(dmsAt(address, root));
    } catch (error) {
      // Of an address that nobody has said, nobody needs to hear.
      if (address !== guess || complaintOf(error) === undefined)
        tellOrThrow(asker, error, `No DMS of this house answers at ${printableLine(address)}.`);
    }
    address = await asker.ask('Address of the DMS: ', { preset: address });
  }
}

function usualDmsOf(trustedServiceUrl: string): string {
  const { protocol, hostname } = new URL(trustedServiceUrl);
  return `${protocol}//${hostname}:${USUAL_DMS_PORT}`;
}

/** The first of the addresses that may be meant where a DMS answers. Throws `dms-unreachable`, and `peer-untrusted` where somebody else does. */
async function dmsAt(typed: string, root: Certificate): Promise<string> {
  let failure: unknown;
  // Of the two usual ports a DMS has the second.
  for (const url of addressesMeant(typed).toReversed()) {
    const log = new LogApi(url, root);
    try {
      await log.checkpoint();
      return url;
    } catch (error) {
      // The next address may be the one that is meant; the last failure is told.
      failure = error;
    } finally {
      await log.close();
    }
  }
  throw failure;
}

/** What a person can mend is said; what nobody foresaw, and an interruption, goes on its way. */
export function tellOrThrow(asker: Asker, error: unknown, what?: string): void {
  const complaint = complaintOf(error);
  if (complaint === undefined) throw error;
  const { advice, detail } = complaint;
  const more = detail === undefined ? '' : ` (${printableLine(detail)})`;
  asker.say(...(what === undefined ? [] : [`  ${what}`]), `  ${advice}${more}`);
}
