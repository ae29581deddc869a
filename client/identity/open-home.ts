/** Opens a home with whatever passphrase its owner gives: from a file, or asked for at the terminal. */
import { ClientError } from '../client-error.ts';
import { KeyStore } from './key-store.ts';
import { readPrivateFile } from './private-files.ts';

export interface HomeOptions {
  readonly directory: string;
  readonly passphraseFile?: string | undefined;
  /** Protect a home that is not protected yet. */
  readonly wantsPassphrase: boolean;
  /** Asks a person; absent where nobody sits at a terminal. */
  readonly ask?: (question: string) => Promise<string>;
}

/** Throws what `KeyStore.open` throws; `passphrase-wrong` also where a new one is typed in two ways. */
export async function openHome(options: HomeOptions): Promise<KeyStore> {
  const { directory, passphraseFile, ask, wantsPassphrase } = options;
  if (passphraseFile !== undefined)
    return KeyStore.open(directory, { passphrase: await readPassphrase(passphraseFile) });
  const store = await openWithoutPassphrase(directory);
  if (store !== undefined && !wantsPassphrase) return store;
  if (ask === undefined) throw new ClientError('passphrase-missing');
  const passphrase = await ask(store === undefined ? 'Passphrase: ' : 'New passphrase: ');
  if (store !== undefined && (await ask('Once more: ')) !== passphrase) throw new ClientError('passphrase-wrong');
  return KeyStore.open(directory, { passphrase });
}

/** `undefined` where the home is protected. */
async function openWithoutPassphrase(directory: string): Promise<KeyStore | undefined> {
  try {
    return await KeyStore.open(directory);
  } catch (error) {
    if (error instanceof ClientError && error.code === 'passphrase-missing') return undefined;
    throw error;
  }
}

/** The file's first line. Its rights are looked at like those of the keys. */
export async function readPassphrase(path: string): Promise<string> {
  const bytes = await readPrivateFile(path);
  const [passphrase = ''] = Buffer.from(bytes ?? [])
    .toString('utf8')
    .split(/\r?\n/);
  if (passphrase === '')
    throw new ClientError('option-malformed', `--passphrase-file: there is no passphrase in ${path}`);
  return passphrase;
}
