/** The first run at a terminal: finds the house, has its root compared, enrols, and says what comes next. */
import { verifyRoot } from '../../shared/pki/verify-certificate.ts';
import type { Clock } from '../../shared/time/clock.ts';
import type { Person } from '../identity/enrol.ts';
import type { IdentityFile } from '../identity/identity.ts';
import type { KeyStore } from '../identity/key-store.ts';
import type { Asker } from './asker.ts';
import { findHouse, type KnownHouse } from './find-house.ts';
import { joinHouse } from './join-house.ts';
import { type HomeSettings, keepHomeSettings } from './settings.ts';

export interface Wishes {
  readonly directory: string;
  readonly house: KnownHouse;
  /** Of a home that is there already. */
  readonly identity: IdentityFile | undefined;
  readonly person: Person;
  readonly passphraseFile: string | undefined;
}

/** Told as things come about, so that an interruption finds them. */
export interface Progress {
  readonly found: (settings: HomeSettings) => void;
  readonly opened: (store: KeyStore) => void;
  readonly unanswered: () => void;
}

/** The open home; `undefined` where it was enrolled before and is opened as ever. Throws `Interrupted` and what can't be mended by an answer. */
export async function runWizard(
  asker: Asker,
  { directory, house: known, identity, person, passphraseFile }: Wishes,
  machine: Clock,
  { found, opened, unanswered }: Progress,
): Promise<KeyStore | undefined> {
  asker.say('', GREETING, '');
  // A home keeps the root with which it was begun.
  const root = identity === undefined ? known.root : verifyRoot(identity.root);
  const house = await findHouse(asker, { ...known, root }, machine);
  const { api, trustedServiceUrl, dmsUrl } = house;
  try {
    const settings: HomeSettings = { v: 1, trustedServiceUrl, dmsUrl, root: `sha256:${api.root.sha256}` };
    found(settings);
    asker.say('', `Both services are of this root: ${trustedServiceUrl} and ${dmsUrl}.`, '');
    if (identity?.credentials !== undefined) {
      await keepHomeSettings(directory, settings);
      return undefined;
    }
    const store = await joinHouse(asker, house, {
      ...{ directory, begun: identity, person, passphraseFile },
      ...{ onOpen: opened, onSilence: unanswered },
    });
    await keepHomeSettings(directory, settings);
    asker.say('', `You are enrolled as ${store.identity?.username}. Next time \`gavel client\` asks nothing.`, '');
    return store;
  } finally {
    await api.close();
  }
}

const GREETING = 'Welcome to Gavel. A few questions, once; Ctrl+C leaves, and nothing is kept before you are enrolled.';
