/** The most that somebody would pay for each lot: kept in the home, its owner's alone, and told to nobody. */
import { join } from 'node:path';
import { z } from 'zod';
import { Amount, type HouseId, LotId } from '../../shared/wire/vocabulary.ts';
import { parseJson } from '../identity/identity.ts';
import { openPrivateDirectory, readPrivateFile, writePrivateFile } from '../identity/private-files.ts';

const Maxima = z.record(LotId, Amount);

/** Of one house. */
export class SecretMaxima {
  readonly #path: string;
  #known: ReadonlyMap<LotId, Amount>;

  private constructor(path: string, known: ReadonlyMap<LotId, Amount>) {
    this.#path = path;
    this.#known = known;
  }

  /** Throws `home-too-open` and `home-unreadable`. */
  static async open(folder: string, house: HouseId): Promise<SecretMaxima> {
    await openPrivateDirectory(join(folder, 'maxima'));
    const path = join(folder, 'maxima', `${house}.json`);
    const bytes = await readPrivateFile(path);
    const known = bytes === undefined ? {} : parseJson(Maxima, bytes);
    return new SecretMaxima(path, new Map(Object.entries(known) as [LotId, Amount][]));
  }

  of(lot: LotId): Amount | undefined {
    return this.#known.get(lot);
  }

  /** The newest word counts. On disk when this resolves. */
  async keep(lot: LotId, max: Amount): Promise<void> {
    const known = new Map(this.#known).set(lot, max);
    await writePrivateFile(this.#path, `${JSON.stringify(Object.fromEntries(known), undefined, 2)}\n`);
    this.#known = known;
  }
}
