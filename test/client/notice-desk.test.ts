import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { KeyStore } from '../../client/identity/key-store.ts';
import { NoticeDesk, type NoticeDeskParts, type Sale } from '../../client/notice-desk.ts';
import { encodeBase64url, utf8 } from '../../shared/bytes.ts';
import { sealTo } from '../../shared/crypto/ecies.ts';
import { generateAgreementKey } from '../../shared/crypto/ecies-box.ts';
import { createJwsSigner, type JwsType, signJws } from '../../shared/crypto/jws.ts';
import { ProtocolError } from '../../shared/errors.ts';
import { authorityName } from '../../shared/pki/trust-anchors.ts';
import type { AuctionClosed, Disclosure } from '../../shared/wire/announcements.ts';
import type { Amount, LotId, Position } from '../../shared/wire/vocabulary.ts';
import { createTestAuthority, type Issued, type TestAuthority } from '../support/test-authority.ts';
import { lotId } from './lots.ts';

const NOW = Date.UTC(2026, 10, 21, 12);
const keys = [generateAgreementKey(), generateAgreementKey()];

let folder: string;
let store: KeyStore;
let authority: TestAuthority;
let signer: Issued;
let seller: Issued;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gavel-desk-'));
  store = await KeyStore.open(folder);
  authority = await createTestAuthority(NOW);
  [signer, seller] = [await authority.issue('token-signer'), await authority.issue('participant')];
});
afterEach(() => rm(folder, { recursive: true }));

/** A desk, and everything that comes out of it in order. */
function desk(changes: Partial<NoticeDeskParts> = {}) {
  const log: string[] = [];
  const sales: Sale[] = [];
  const session = { acknowledge: async (lot: LotId) => void log.push(`acknowledged ${lot}`) };
  const made = new NoticeDesk({
    api: {
      authority: authorityName(authority.root.certificate),
      disclosureKey: async (kid) => (kid === signer.certificate.subject ? signer.keys.publicKey : undefined),
    },
    access: { agreementKeys: keys },
    store,
    link: { session: async () => session },
    signal: new AbortController().signal,
    onSale: (sale) => {
      log.push('told');
      sales.push(sale);
    },
    onTrouble: (error) => void log.push(error instanceof ProtocolError ? error.code : String(error)),
    ...changes,
  });
  return { made, log, sales };
}

function claimsOf(changes: object = {}): Disclosure {
  return {
    iss: authorityName(authority.root.certificate),
    lot: lotId(1),
    role: 'seller',
    subject: seller.certificate.subject,
    username: 'sam',
    certificate: seller.certificate.pem,
    ...changes,
  };
}

async function notice({
  claims = claimsOf(),
  by = signer,
  typ = 'disclosure+jwt' as JwsType,
  to = keys[1]!.publicKey,
  name = '',
} = {}): Promise<AuctionClosed> {
  const kid = name === '' ? by.certificate.subject : name;
  const text = await signJws({ ...createJwsSigner(by.keys), kid }, typ, claims);
  return {
    position: 9 as Position,
    lot: lotId(1),
    number: 1,
    role: 'winner',
    outcome: 'sold',
    hammerPrice: 12_000 as Amount,
    envelope: encodeBase64url(await sealTo(to, utf8.encode(text))),
  };
}

describe('a notice', () => {
  it('is verified, kept, told and then acknowledged, with whichever of our keys it was sealed to', async () => {
    const { made, log, sales } = desk({
      store: {
        keepNotice: async (kept) => {
          await store.keepNotice(kept);
          log.push('kept');
        },
        notices: () => store.notices(),
      },
    });
    made.take([await notice()]);
    await vi.waitFor(() => expect(log).toEqual(['kept', 'told', `acknowledged ${lotId(1)}`]));
    expect(sales[0]).toMatchObject({ notice: { role: 'winner' }, counterparty: { username: 'sam', role: 'seller' } });
    expect(sales[0]?.notice).not.toHaveProperty('envelope');
    expect(await made.kept()).toEqual(sales);
  });

  it('leaves no name on disk', async () => {
    const { made, log } = desk();
    made.take([await notice({ claims: claimsOf({ username: 'planted-name' }) })]);
    await vi.waitFor(() => expect(log).toHaveLength(2));
    const files = await readdir(join(folder, 'notices'));
    expect(files).toHaveLength(1);
    expect(await readFile(join(folder, 'notices', files[0]!), 'utf8')).not.toContain('planted-name');
  });

  it('of an unsold lot has no envelope', async () => {
    const { made, log, sales } = desk();
    const { envelope: _none, hammerPrice: _nor, ...rest } = await notice();
    made.take([{ ...rest, role: 'seller', outcome: 'unsold' }]);
    await vi.waitFor(() => expect(log).toHaveLength(2));
    expect(sales[0]).toEqual({ notice: { ...rest, role: 'seller', outcome: 'unsold' } });
  });

  it('that comes again is acknowledged again, and told once', async () => {
    const { made, log } = desk();
    const one = await notice();
    made.take([one, one]);
    await vi.waitFor(() => expect(log).toEqual(['told', `acknowledged ${lotId(1)}`, `acknowledged ${lotId(1)}`]));
  });

  it.each<[string, () => Promise<AuctionClosed>, string]>([
    ['sealed to nobody here', () => notice({ to: generateAgreementKey().publicKey }), 'envelope-unreadable'],
    ['by another signer', async () => notice({ by: await authority.issue('token-signer') }), 'signature-invalid'],
    [
      'by a timestamp signer',
      async () => notice({ by: await authority.issue('timestamp-signer') }),
      'signature-invalid',
    ],
    [
      "under the signer's name by another key",
      () => notice({ name: signer.certificate.subject, by: seller }),
      'signature-invalid',
    ],
    ['of another type', () => notice({ typ: 'at+jwt' }), 'malformed'],
    ['about another lot', () => notice({ claims: claimsOf({ lot: lotId(2) }) }), 'evidence-invalid'],
    ['about ourselves', () => notice({ claims: claimsOf({ role: 'winner' }) }), 'evidence-invalid'],
    ['of another authority', () => notice({ claims: claimsOf({ iss: 'sha256:00' }) }), 'evidence-invalid'],
    ["with somebody else's certificate", () => notice({ claims: claimsOf({ subject: 'x' }) }), 'evidence-invalid'],
    ['of a sale without an envelope', async () => omitEnvelope(await notice()), 'malformed'],
    ['whose envelope is no base64url', async () => ({ ...(await notice()), envelope: '==' }), 'envelope-unreadable'],
  ])('%s is neither kept nor told nor acknowledged', async (_what, make, code) => {
    const { made, log } = desk();
    made.take([await make()]);
    await vi.waitFor(() => expect(log).toEqual([code]));
    expect(await store.notices()).toEqual([]);
  });

  it('waits for keys and for a session that are not there yet', async () => {
    let away = 2;
    const { made, log } = desk({
      link: {
        session: async () => {
          if (away-- > 0) throw new ProtocolError('dms-unreachable');
          return { acknowledge: async () => void log.push('acknowledged') };
        },
      },
    });
    made.take([await notice()]);
    await vi.waitFor(() => expect(log).toEqual(['told', 'acknowledged']), 3_000);
  });
});

function omitEnvelope({ envelope: _gone, ...rest }: AuctionClosed): AuctionClosed {
  return rest;
}
