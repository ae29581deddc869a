/** The tables of docs/PROTOCOL.md, compared with the code: neither can change alone. */
import { describe, expect, it } from 'vitest';
import { AUDIT_RULES } from '../../client/audit/finding.ts';
import { COMMAND_TURNS } from '../../dms/admission/fair-turns.ts';
import { DEFAULT_RATES } from '../../dms/admission/rate-limits.ts';
import { MAX_SESSIONS_PER_SUBJECT } from '../../dms/admission/session-book.ts';
import { BID_RULES, LISTING_RULES } from '../../dms/auction/decide.ts';
import { ARRIVALS, MAX_CONNECTIONS, MAX_PER_ADDRESS, REQUESTS } from '../../dms/gateway/door.ts';
import type { JwsType } from '../../shared/crypto/jws.ts';
import { adviceFor, REFUSAL_CODES } from '../../shared/errors.ts';
import { PrivateRecord, PublicRecord } from '../../shared/journal/record.ts';
import { OID, PROFILES } from '../../shared/pki/certificate-profile.ts';
import { HOUSE_PATHS } from '../../shared/wire/about-house.ts';
import { adviceForRejection, REJECTION_REASONS } from '../../shared/wire/commands.ts';
import { PATHS, RevocationReason } from '../../shared/wire/http-endpoints.ts';
import * as limits from '../../shared/wire/limits.ts';
import { LOG_PATHS } from '../../shared/wire/log.ts';
import type { ClientToServerEvents, ServerToClientEvents } from '../../shared/wire/socket-events.ts';
import { MAX_BATCH_SIZE } from '../../shared/wire/timestamp-token.ts';
import * as bodyLimits from '../../trusted-service/http/body-limits.ts';
import { statusOf } from '../../trusted-service/http/status-codes.ts';
import { plain, readDocument } from './read-document.ts';

const protocol = readDocument('PROTOCOL.md');

/** Lists every member of a union type: one that is left out or too many does not compile. */
const namesOf = <Name extends string>(all: Record<Name, true>) => Object.keys(all);

describe('docs/PROTOCOL.md and the code', () => {
  it('have the same refusal codes, with their status and what to do', () => {
    const expected = REFUSAL_CODES.map((code) => {
      const status = statusOf(code);
      return [`\`${code}\``, status === 400 ? '–' : String(status), adviceFor(code)];
    });
    expect(protocol.rows('## 10. Refusal codes')).toEqual(expected);
  });

  it('have the same reasons, in order of precedence', () => {
    const rules = [...BID_RULES, ...LISTING_RULES].map(([reason]) => reason);
    expect(rules.toSorted()).toEqual(REJECTION_REASONS.toSorted());
    const expected = rules.map((reason) => [`\`${reason}\``, adviceForRejection(reason)]);
    expect(protocol.rows('### 5.4 The rules, in order')).toEqual(expected);
  });

  it('have the same limits', () => {
    const rows = protocol.rows('## 9. Limits').filter(([name = '']) => /^`[A-Z_]+`$/.test(name));
    const told = Object.fromEntries(rows.map(([name, value]) => [plain(name), Number(value)]));
    expect(told).toEqual({ ...limits });
    expect(protocol.text).toContain(`(1 to ${MAX_BATCH_SIZE})`);
    expect(protocol.text).toContain(`At most ${MAX_SESSIONS_PER_SUBJECT} sessions`);
  });

  it('have the same rates', () => {
    const rows = protocol.rows('## 9. Limits').filter((row) => row.length === 3 && !row[0]?.startsWith('`'));
    const told = rows
      .slice(0, 8)
      .map(([, perSecond, burst]) => ({ perSecond: Number(perSecond), burst: Number(burst) }));
    const { commands, questions, mistakes, entries, packets, connectionPackets } = DEFAULT_RATES;
    const own = [commands, questions, mistakes, entries, packets, connectionPackets];
    expect(told).toEqual([...own, ARRIVALS, REQUESTS]);
    const most = MAX_CONNECTIONS.toLocaleString('en').replace(',', ' ');
    expect(protocol.text).toContain(`${MAX_PER_ADDRESS} connections of one address, ${most} in all.`);
    const { waiting, waitingInAll, waitingInCrowd } = COMMAND_TURNS;
    const all = waitingInAll.toLocaleString('en').replace(',', ' ');
    const [text, places] = [protocol.text.replaceAll(/\s+/g, ' '), 'while half of those places are taken'];
    expect(text).toContain(
      `${waiting} commands of one participant, ${all} in all, and ${waitingInCrowd} of one ${places}`,
    );
  });

  it('have the same routes', () => {
    const routes = protocol.rows('## 2. The Trusted Service over HTTPS').map(([route = '']) => route);
    const told = routes.flatMap((route) =>
      Array.from(route.matchAll(/(?:GET|POST) (\/[\w./-]*)/g), ([, path]) => path),
    );
    expect([...new Set(told)].sort()).toEqual(Object.values(PATHS).toSorted());
  });

  it('have the same public log', () => {
    const told = protocol.rows('### 6.4 The public log').map(([route = '']) => /GET (\/[\w/]*)/.exec(route)?.[1]);
    expect(told).toEqual([...Object.values(LOG_PATHS), ...Object.values(HOUSE_PATHS)]);
  });

  it('have the same body limits', () => {
    const rows = protocol.rows('## 2. The Trusted Service over HTTPS');
    const told = rows.map(([, , , most]) => most).filter((most) => plain(most) !== undefined);
    expect(new Set(told.map(Number))).toEqual(new Set(Object.values(bodyLimits)));
  });

  it('have the same types of signature', () => {
    const types = namesOf<JwsType>({
      'at+jwt': true,
      'proof+jwt': true,
      'revocation-proof+jwt': true,
      'timestamp-batch+jwt': true,
      'session-offer+jwt': true,
      'session-proof+jwt': true,
      'command+jwt': true,
      'disclosure-request+jwt': true,
      'disclosure+jwt': true,
      'checkpoint+jwt': true,
      'cosignature+jwt': true,
    });
    const told = protocol.rows('### 0.1 Signatures').map(([type]) => plain(type));
    expect(told.toSorted()).toEqual(types.toSorted());
  });

  it('have the same certificate profiles and identifiers', () => {
    const told = protocol.rows('### 1.2 Profiles').map(([name, commonName, usage]) => ({
      name: plain(name),
      commonName,
      oid: /\d+(\.\d+)+/.exec(usage ?? '')?.[0],
      critical: usage?.includes('critical'),
    }));
    const expected = Object.entries(PROFILES).map(([name, { commonName, purpose }]) => ({
      name,
      commonName,
      oid: purpose?.oid,
      critical: purpose?.critical ?? false,
    }));
    expect(told).toEqual(expected);
    for (const oid of Object.values(OID)) expect(protocol.text).toContain(oid);
  });

  it('have the same events', () => {
    const asked = namesOf<keyof ClientToServerEvents>({
      hello: true,
      prove: true,
      renew: true,
      command: true,
      query: true,
      acknowledge: true,
    });
    const told = namesOf<keyof ServerToClientEvents>({
      someone_listed: true,
      someone_bid: true,
      item_closed: true,
      auction_closed: true,
      checkpoint: true,
      session_ended: true,
    });
    expect([...new Set(protocol.rows('## 4. Session').map(([event]) => plain(event)))]).toEqual(asked);
    expect(
      protocol
        .rows('### 8.1 Events')
        .map(([event]) => plain(event))
        .toSorted(),
    ).toEqual(told.toSorted());
  });

  it('have the same records, with the same members', () => {
    const common = new Set(['v', 'kind', 'lot']);
    const expected = PublicRecord.options.map(({ shape }) => [
      `\`${shape.kind.value}\``,
      Object.keys(shape).filter((member) => !common.has(member)),
    ]);
    const told = protocol.rows('### 6.1 Records').map(([kind, members = '']) => [
      kind,
      // In brackets a member is explained; after a colon its values stand.
      Array.from(members.replaceAll(/\(.*?\)|:.*/g, '').matchAll(/`(\w+)`/g), ([, member]) => member),
    ]);
    expect(told).toEqual(expected);
    for (const { shape } of PrivateRecord.options) expect(protocol.text).toContain(`"kind":"${shape.kind.value}"`);
  });

  it('have the same findings of an audit', () => {
    const told = protocol
      .rows('### 6.7 Bundles, evidence, and how to audit')
      .filter(([name = '']) => /^`[a-z-]+`$/.test(name));
    expect(told).toEqual(Object.entries(AUDIT_RULES).map(([rule, what]) => [`\`${rule}\``, what]));
  });

  it('have the same reasons of a revocation', () => {
    for (const reason of RevocationReason.options) expect(protocol.text).toContain(`\`${reason}\``);
  });
});
