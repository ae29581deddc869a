/** What a participant keeps on this machine, in one directory: the identity, the notices received, where each house was left. */

import { z } from 'zod';
import { listPrivateFiles, openPrivateDirectory, readPrivateFile, writePrivateFile } from '#private-files';
import { AuctionClosed } from '../../shared/wire/announcements.ts';
import { HouseId, Position } from '../../shared/wire/vocabulary.ts';
import { ClientError } from '../client-error.ts';
import { decodeIdentity, encodeSecrets, type Identity, IdentityFile, parseJson } from './identity.ts';
import { type Argon2Cost, createLockedBox, openBox, openStored, type SecretBox } from './secret-box.ts';

/** Where a house was left: which one answered at an address, and the last position seen. */
const VisitedHouses = z.record(z.string(), z.strictObject({ house: HouseId, position: Position }));
type VisitedHouses = z.infer<typeof VisitedHouses>;

export interface KeyStoreOptions {
  /** Opens a protected home; protects one that is not yet. */
  readonly passphrase?: string;
  readonly cost?: Argon2Cost;
}

/**
 * One home. Files are replaced as a whole, rights are looked at before anything is read.
 *
 * @example
 * const store = await KeyStore.open('/home/ann/.local/share/gavel/client');
 * store.identity?.username;
 */
export class KeyStore {
  readonly directory: string;
  readonly #box: SecretBox;
  #identity: Identity | undefined;

  private constructor(directory: string, box: SecretBox, identity?: Identity) {
    this.directory = directory;
    this.#box = box;
    this.#identity = identity;
  }

  /**
   * Opens a home, or begins one. Throws `home-too-open`, `home-unreadable`, `passphrase-missing` and
   * `passphrase-wrong`.
   */
  static async open(directory: string, { passphrase, cost }: KeyStoreOptions = {}): Promise<KeyStore> {
    await openPrivateDirectory(directory);
    await openPrivateDirectory(`${directory}/${NOTICES}`);
    const bytes = await readPrivateFile(`${directory}/${IDENTITY}`);
    if (bytes === undefined) {
      return new KeyStore(directory, passphrase === undefined ? openBox : await createLockedBox(passphrase, cost));
    }
    const file = parseJson(IdentityFile, bytes);
    const { secrets, box } = await openStored(file.secrets, passphrase);
    const identity = decodeIdentity(file, secrets);
    if (passphrase === undefined || file.secrets.protection !== 'none') return new KeyStore(directory, box, identity);
    // The home was open so far, and its owner has just asked for a passphrase.
    const store = new KeyStore(directory, await createLockedBox(passphrase, cost), identity);
    await store.save(identity);
    return store;
  }

  /** `undefined` in a home that was just begun. */
  get identity(): Identity | undefined {
    return this.#identity;
  }

  /** Keeps the identity. It is on disk when this resolves. */
  async save(identity: Identity): Promise<void> {
    const { username, contact, root, credentials } = identity;
    const secrets = this.#box.seal(encodeSecrets(identity));
    const file: IdentityFile = { v: 1, username, contact, root, credentials, secrets };
    await this.#write(IDENTITY, file);
    this.#identity = identity;
  }

  /** Keeps a notice as it came, its envelope still sealed: no name lies on disk. It is there when this resolves. */
  async keepNotice(notice: AuctionClosed): Promise<void> {
    await this.#write(`${NOTICES}/${notice.lot}-${notice.role}.json`, notice);
  }

  /** Every notice kept. */
  async notices(): Promise<AuctionClosed[]> {
    const paths = await listPrivateFiles(this.#path(NOTICES));
    const files = await Promise.all(paths.map(readPrivateFile));
    return files.filter((file) => file !== undefined).map((file) => parseJson(AuctionClosed, file));
  }

  /** The house that answered at this address before, and where it was left. */
  async visited(address: string): Promise<{ readonly house: HouseId; readonly position: Position } | undefined> {
    return (await this.#visitedHouses())[address];
  }

  /** Remembers both. */
  async visit(address: string, house: HouseId, position: Position): Promise<void> {
    await this.#write(HOUSES, { ...(await this.#visitedHouses()), [address]: { house, position } });
  }

  /** Throws `house-changed` where another house answered at this address before. */
  async requireSameHouse(address: string, house: HouseId): Promise<void> {
    const before = await this.visited(address);
    if (before === undefined || before.house === house) return;
    throw new ClientError(
      'house-changed',
      `it was ${before.house}; to accept the new one, remove ${this.#path(HOUSES)}`,
    );
  }

  async #visitedHouses(): Promise<VisitedHouses> {
    const bytes = await readPrivateFile(this.#path(HOUSES));
    return bytes === undefined ? {} : parseJson(VisitedHouses, bytes);
  }

  async #write(name: string, value: unknown): Promise<void> {
    await writePrivateFile(this.#path(name), `${JSON.stringify(value, undefined, 2)}\n`);
  }

  #path(name: string): string {
    return `${this.directory}/${name}`;
  }
}

const IDENTITY = 'identity.json';
const HOUSES = 'houses.json';
const NOTICES = 'notices';
