/** A start of the house in a process of its own, up to where it could take a command: `argv[2]` is its folder. Prints what it took. */
import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { AuctionHouse } from '../../dms/auction-house.ts';
import { SqliteJournal } from '../../dms/journal/sqlite-journal.ts';
import { programForm } from '../../dms/snapshot/program-form.ts';
import { Snapshots } from '../../dms/snapshot/snapshots.ts';
import { HouseId } from '../../shared/wire/vocabulary.ts';

/** Long enough for any snapshot that is written here. */
const LIMIT_MS = 600_000;

const [folder = ''] = process.argv.slice(2);
const events: object[] = [];
const log = { info: (line: object) => void events.push(line), warn: (line: object) => void events.push(line) };
const snapshots = new Snapshots({ file: join(folder, 'snapshot'), form: programForm(), log });
const journal = new SqliteJournal({ file: join(folder, 'journal.sqlite'), newHouse: HouseId.parse(randomUUID()) });
const begin = performance.now();
const house = await AuctionHouse.open({ journal, newSalt: () => randomBytes(32), publish: () => {}, snapshots });
const ms = performance.now() - begin;
const { rss } = process.memoryUsage();
await house.stop();
await snapshots.writeLast(house, AbortSignal.timeout(LIMIT_MS));
process.stdout.write(JSON.stringify({ ms, rss, position: house.position, events }));
