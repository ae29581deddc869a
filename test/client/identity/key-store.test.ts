import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { clientHome } from '../../../client/identity/home.ts';
import type { Identity } from '../../../client/identity/identity.ts';
import { KeyStore } from '../../../client/identity/key-store.ts';
import { openHome } from '../../../client/identity/open-home.ts';
import { generateIdentityKey } from '../../../client/sealing/p256-signer.ts';
import { encodeBase64url } from '../../../shared/bytes.ts';
import { generateAgreementKey } from '../../../shared/crypto/ecies-box.ts';
import { AuctionClosed } from '../../../shared/wire/announcements.ts';
import { type CertificatePem, HouseId, type Position } from '../../../shared/wire/vocabulary.ts';
import { complaintOfPromise } from '../complaint.ts';

/** Cheap: what is tested is that the key depends on the passphrase, not what guessing costs. */
const COST = { memoryKiB: 64, passes: 1, lanes: 1 };

let folder: string;
let home: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gavel-home-'));
  home = join(folder, 'client');
});
afterEach(() => rm(folder, { recursive: true }));

const permissions = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);

function someIdentity(): Identity {
  return {
    username: 'ann',
    contact: 'ann@example.org',
    root: 'a root' as CertificatePem,
    secretKey: generateIdentityKey(),
    agreementKeys: [generateAgreementKey(), generateAgreementKey()],
    credentials: { certificate: 'a certificate' as CertificatePem, issuer: 'an issuer' as CertificatePem },
  };
}

const NOTICE = AuctionClosed.parse({
  position: 9,
  lot: '7b2d0c39-58a1-4f0e-8a83-0a7b3c1de5f1',
  number: 1,
  role: 'winner',
  outcome: 'sold',
  hammerPrice: 12_000,
  envelope: 'c2VhbGVk',
});

describe('a home', () => {
  it('begins empty and gives back what it was given', async () => {
    const store = await KeyStore.open(home);
    expect(store.identity).toBeUndefined();
    const identity = someIdentity();
    await store.save(identity);
    expect(store.identity).toBe(identity);
    expect((await KeyStore.open(home)).identity).toEqual(identity);
  });

  it('keeps an enrolment that was not answered yet', async () => {
    const { credentials: _none, contact: _nor, ...pending } = someIdentity();
    await (await KeyStore.open(home)).save(pending);
    expect((await KeyStore.open(home)).identity).toEqual(pending);
  });

  it('is for its owner alone', async () => {
    const store = await KeyStore.open(home);
    await store.save(someIdentity());
    await store.keepNotice(NOTICE);
    await store.visit('https://localhost:1', HouseId.parse(NOTICE.lot), 4 as Position);
    const files = (await readdir(home, { recursive: true, withFileTypes: true })).map(
      async (entry) =>
        [entry.isDirectory() ? '700' : '600', await permissions(join(entry.parentPath, entry.name))] as const,
    );
    expect(files.length).toBe(4);
    for (const [wanted, found] of await Promise.all(files)) expect(found).toBe(wanted);
    expect(await permissions(home)).toBe('700');
  });

  it.each([
    ['identity.json', 0o640],
    ['identity.json', 0o604],
    ['identity.json', 0o620],
    ['houses.json', 0o644],
    ['notices', 0o750],
    ['.', 0o701],
    ['.', 0o755],
  ])('whose %s has the rights %o is refused, with what to do', async (name, mode) => {
    const store = await KeyStore.open(home);
    await store.save(someIdentity());
    await store.visit('https://localhost:1', HouseId.parse(NOTICE.lot), 4 as Position);
    await chmod(join(home, name), mode);
    const open = async () => (await KeyStore.open(home)).visited('https://localhost:1');
    expect(await complaintOfPromise(open())).toBe('home-too-open');
    await expect(open()).rejects.toThrow(/chmod [67]00 \//);
  });

  it.each(['', '{', '[]', '{"v":2}', '\u0000'])('with the identity %j is not read', async (text) => {
    await KeyStore.open(home);
    await writeFile(join(home, 'identity.json'), text, { mode: 0o600 });
    expect(await complaintOfPromise(KeyStore.open(home))).toBe('home-unreadable');
  });

  it('that is a file is not one', async () => {
    await writeFile(home, '', { mode: 0o600 });
    expect(await complaintOfPromise(KeyStore.open(home))).toBe('home-unreadable');
  });

  it('keeps notices as they came, each once', async () => {
    const store = await KeyStore.open(home);
    await store.keepNotice(NOTICE);
    await store.keepNotice(NOTICE);
    await store.keepNotice({ ...NOTICE, role: 'seller' });
    expect(await (await KeyStore.open(home)).notices()).toEqual([{ ...NOTICE, role: 'seller' }, NOTICE]);
  });

  it('remembers which house answered where', async () => {
    const [one, other] = [HouseId.parse(NOTICE.lot), HouseId.parse('5f0c4a52-0c1f-4f0e-9b1a-3a6a5c0d8e21')];
    const store = await KeyStore.open(home);
    await store.requireSameHouse('https://a', one);
    await store.visit('https://a', one, 4 as Position);
    await store.visit('https://b', other, 7 as Position);
    expect(await store.visited('https://a')).toEqual({ house: one, position: 4 });
    await store.requireSameHouse('https://a', one);
    expect(await complaintOfPromise(store.requireSameHouse('https://a', other))).toBe('house-changed');
  });

  it('writes in order, however many at once', async () => {
    const store = await KeyStore.open(home);
    const identity = someIdentity();
    await Promise.all(Array.from({ length: 20 }, (_, index) => store.save({ ...identity, username: `ann${index}` })));
    expect((await KeyStore.open(home)).identity?.username).toBe('ann19');
  });
});

describe('a passphrase', () => {
  const passphrase = 'correct horse';

  it('opens what it protects, and nothing else does', async () => {
    const identity = someIdentity();
    await (await KeyStore.open(home, { passphrase, cost: COST })).save(identity);
    expect((await KeyStore.open(home, { passphrase })).identity).toEqual(identity);
    expect(await complaintOfPromise(KeyStore.open(home, { passphrase: 'Correct horse' }))).toBe('passphrase-wrong');
    expect(await complaintOfPromise(KeyStore.open(home))).toBe('passphrase-missing');
  });

  it('leaves no key on disk', async () => {
    const identity = someIdentity();
    await (await KeyStore.open(home, { passphrase, cost: COST })).save(identity);
    const text = await readFile(join(home, 'identity.json'), 'utf8');
    for (const key of [identity.secretKey, ...identity.agreementKeys.map(({ privateKey }) => privateKey)]) {
      expect(text).not.toContain(encodeBase64url(key));
    }
  });

  it('protects a home that was open so far', async () => {
    const identity = someIdentity();
    await (await KeyStore.open(home)).save(identity);
    await KeyStore.open(home, { passphrase, cost: COST });
    expect(await complaintOfPromise(KeyStore.open(home))).toBe('passphrase-missing');
    const store = await KeyStore.open(home, { passphrase });
    await store.save({ ...identity, username: 'anna' });
    expect((await KeyStore.open(home, { passphrase })).identity?.username).toBe('anna');
  });

  it('is the same composed and decomposed', async () => {
    await (await KeyStore.open(home, { passphrase: 'caf\u00e9', cost: COST })).save(someIdentity());
    expect((await KeyStore.open(home, { passphrase: 'cafe\u0301' })).identity?.username).toBe('ann');
  });

  it('whose ciphertext was changed opens nothing', async () => {
    await (await KeyStore.open(home, { passphrase, cost: COST })).save(someIdentity());
    const file = JSON.parse(await readFile(join(home, 'identity.json'), 'utf8'));
    const changed = file.secrets.sealed.replace(/^./, (first: string) => (first === 'A' ? 'B' : 'A'));
    file.secrets.sealed = changed;
    await writeFile(join(home, 'identity.json'), JSON.stringify(file));
    expect(await complaintOfPromise(KeyStore.open(home, { passphrase }))).toBe('passphrase-wrong');
  });

  it('costs what RFC 9106 recommends unless told otherwise', async () => {
    await (await KeyStore.open(home, { passphrase })).save(someIdentity());
    const { secrets } = JSON.parse(await readFile(join(home, 'identity.json'), 'utf8'));
    expect(secrets).toMatchObject({ memoryKiB: 65_536, passes: 3, lanes: 4 });
  });

  it('comes from a file of its owner', async () => {
    await (await KeyStore.open(home, { passphrase, cost: COST })).save(someIdentity());
    const file = join(folder, 'passphrase');
    await writeFile(file, `${passphrase}\n`, { mode: 0o600 });
    const options = { directory: home, passphraseFile: file, wantsPassphrase: false };
    expect((await openHome(options)).identity?.username).toBe('ann');
    await chmod(file, 0o644);
    expect(await complaintOfPromise(openHome(options))).toBe('home-too-open');
    await rm(file);
    expect(await complaintOfPromise(openHome(options))).toBe('option-malformed');
  });

  it('comes from a person, who types a new one twice', async () => {
    await (await KeyStore.open(home)).save(someIdentity());
    const asked: string[] = [];
    const answering =
      (...answers: string[]) =>
      async (question: string) => {
        asked.push(question);
        return answers.shift() ?? '';
      };
    const wish = { directory: home, wantsPassphrase: true };
    expect(await complaintOfPromise(openHome({ ...wish, ask: answering('one', 'two') }))).toBe('passphrase-wrong');
    await openHome({ ...wish, ask: answering(passphrase, passphrase) });
    expect(await complaintOfPromise(openHome({ ...wish, wantsPassphrase: false }))).toBe('passphrase-missing');
    asked.length = 0;
    await openHome({ directory: home, wantsPassphrase: false, ask: answering(passphrase) });
    expect(asked).toHaveLength(1);
  });
});

describe('where a home is', () => {
  it('says $GAVEL_HOME, or else the platform', () => {
    expect(clientHome('/tmp/x')).toBe('/tmp/x/client');
    expect(clientHome(undefined)).toMatch(/gavel.client$/);
  });
});
