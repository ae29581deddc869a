/** From a house that was found to a home that is enrolled in it: name, contact, passphrase, and the answer to them. */
import { ProtocolError } from '../../shared/errors.ts';
import { parseUserName } from '../../shared/user-name.ts';
import { ClientError } from '../client-error.ts';
import { enrol, type Person } from '../identity/enrol.ts';
import { KeyStore } from '../identity/key-store.ts';
import { openHome } from '../identity/open-home.ts';
import { Interrupted } from '../interrupted.ts';
import type { Asker } from './asker.ts';
import { type FoundHouse, tellOrThrow } from './find-house.ts';

export interface Joining {
  readonly directory: string;
  /** A home that was begun and never answered: its name, and whether its keys are there already. */
  readonly begun?: { readonly username: string } | undefined;
  /** What is known of the person, and not asked for. */
  readonly person: Person;
  readonly passphraseFile?: string | undefined;
  /** Called when the home is open, before anything is sent. */
  readonly onOpen: (store: KeyStore) => void;
  /** Called when an answer was lost: the name may be taken by this home's key, which has to stay. */
  readonly onSilence: () => void;
}

/** Asks until the home is enrolled. Throws `Interrupted`, and what no other answer would mend. */
export async function joinHouse(asker: Asker, { api }: FoundHouse, joining: Joining): Promise<KeyStore> {
  let person = await introduceOneself(asker, joining);
  const store = await openStore(asker, joining);
  joining.onOpen(store);
  for (;;) {
    try {
      await untilAnswered(asker, enrol(api, store, person));
      return store;
    } catch (error) {
      if (error instanceof ProtocolError && error.code === 'trusted-service-unreachable') joining.onSilence();
      person = { ...person, ...(await correct(asker, error)) };
    }
  }
}

async function introduceOneself(asker: Asker, { person, begun }: Joining): Promise<Person> {
  const username = person.username ?? (await askName(asker, begun?.username));
  const contact = person.contact ?? (await asker.ask('Contact, shown to whom you trade with alone (Enter for none): '));
  return { ...person, username, ...(contact === '' ? {} : { contact }) };
}

async function askName(asker: Asker, preset?: string): Promise<string> {
  for (;;) {
    const typed = await asker.ask('User name: ', { preset, hint: (text) => `  ${verdictOn(text.trim())}` });
    const fault = faultOf(typed);
    if (fault === undefined) return typed;
    asker.say(`  This name is not allowed: ${fault}.`);
  }
}

function verdictOn(name: string): string {
  const fault = faultOf(name);
  return fault === undefined ? '✓ allowed; Enter asks whether it is free' : `– ${fault}`;
}

/** What is wrong with a name; `undefined` for one that is allowed. */
function faultOf(name: string): string | undefined {
  try {
    parseUserName(name);
    return undefined;
  } catch (error) {
    if (error instanceof ProtocolError) return error.detail ?? error.code;
    throw error;
  }
}

async function openStore(asker: Asker, { directory, begun, passphraseFile }: Joining): Promise<KeyStore> {
  if (passphraseFile === undefined && begun === undefined) {
    const passphrase = await askNewPassphrase(asker);
    return KeyStore.open(directory, passphrase === '' ? {} : { passphrase });
  }
  for (;;) {
    try {
      const ask = (question: string) => asker.askSecret(question);
      return await openHome({ directory, passphraseFile, wantsPassphrase: false, ask });
    } catch (error) {
      const isTypo = error instanceof ClientError && error.code === 'passphrase-wrong' && passphraseFile === undefined;
      if (!isTypo) throw error;
      tellOrThrow(asker, error);
    }
  }
}

async function askNewPassphrase(asker: Asker): Promise<string> {
  for (;;) {
    const passphrase = await asker.askSecret('Passphrase for the keys on this machine (Enter for none): ');
    if (passphrase === '' || (await asker.askSecret('Once more: ')) === passphrase) return passphrase;
    asker.say('  These are two different passphrases. Type it again.');
  }
}

/** Who interrupts waits for the answer all the same, which tells whether the name is taken by now. */
async function untilAnswered(asker: Asker, work: Promise<unknown>): Promise<void> {
  try {
    await asker.during(work);
  } catch (error) {
    if (error instanceof Interrupted) await Promise.allSettled([work]);
    throw error;
  }
}

/** What to say instead. Throws what nothing that could be typed would mend. */
async function correct(asker: Asker, error: unknown): Promise<Person> {
  const code = error instanceof ProtocolError ? error.code : undefined;
  switch (code) {
    case 'username-taken':
    case 'username-invalid':
      tellOrThrow(asker, error);
      return { username: await askName(asker) };
    case 'invite-required':
    case 'invite-invalid':
      tellOrThrow(asker, error);
      return { invite: await asker.ask('Invite code, five groups of five characters: ') };
    case 'too-many-requests':
    case 'trusted-service-unreachable':
    case 'state-unwritable':
    case 'clock-stepped':
      tellOrThrow(asker, error);
      await asker.ask('Press Enter to try again: ');
      return {};
    default:
      throw error;
  }
}
