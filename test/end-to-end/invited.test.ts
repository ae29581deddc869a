/** A house that invites, in processes alone: the operator makes a code, somebody enrols with it, and the audit journal tells. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Ending, type Environment, GavelServer, gavel } from '../support/gavel-process.ts';

const START_LIMIT_MS = 60_000;
const ENROLLED = '"type":"enrolled"';

const folder = mkdtempSync(join(tmpdir(), 'gavel-invited-'));
const home = join(folder, 'house');
const stateFile = join(home, 'trusted-service/trusted-service.db');

let service: GavelServer;
let dms: GavelServer;
/** What everybody may know. */
let known: Environment;
let operatorToken: string;
let code: string;
/** The head that the operator noted while the service ran. */
let noted: string;

beforeAll(async () => {
  service = await GavelServer.start(['trusted-service', '--registration', 'invite', '--port', '0'], {
    GAVEL_HOME: home,
  });
  operatorToken = readFileSync(join(home, 'trusted-service/operator-token'), 'utf8').trim();
  const trusted = { GAVEL_TRUSTED_SERVICE_URL: service.ready['listening']!, GAVEL_ROOT: service.ready['root']! };
  dms = await GavelServer.start(['dms', '--port', '0'], { ...trusted, ...asOperator(), GAVEL_HOME: home });
  known = { ...trusted, GAVEL_DMS_URL: dms.ready['listening']! };
}, START_LIMIT_MS);

afterAll(async () => {
  await dms?.stop();
  await service?.stop();
  rmSync(folder, { recursive: true });
});

const asOperator = () => ({ GAVEL_OPERATOR_TOKEN: operatorToken });
const audit = (...args: string[]) => gavel(['audit', ...args], { GAVEL_HOME: home });
const take = (word: readonly string[], name: string, args: readonly string[] = []) =>
  gavel([...word, '--json', '--username', name, '--contact', `${name}@mail.example`, ...args], {
    ...known,
    GAVEL_HOME: join(folder, name),
  });
const client = (name: string, ...args: string[]) => take(['client', '-c', '/allitems'], name, args);
const bot = (name: string, ...args: string[]) =>
  take(['bot', 'increment', '--max', '9.00', '--budget', '9.00'], name, args);

const lines = ({ out }: Ending): Record<string, unknown>[] =>
  out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

/** The code of what ended a client, which it says to people and programs alike, and the exit code. */
function refusal(ending: Ending): unknown[] {
  const said = lines(ending).find(({ type }) => type === 'error')?.['data'] as Record<string, unknown> | undefined;
  expect(ending.err).toMatch(new RegExp(`^gavel: ${said?.['code']}: .+invite.+\\n$`));
  return [said?.['code'], ending.code];
}

describe('a house that invites', () => {
  it('lets nobody in without a code, client or bot', async () => {
    const [alone, botAlone, wrong] = await Promise.all([
      client('ann'),
      bot('robot'),
      client('eve', '--invite', 'AAAAA-AAAAA-AAAAA-AAAAA-AAAAA'),
    ]);
    expect(refusal(alone)).toEqual(['invite-required', 4]);
    expect(refusal(botAlone)).toEqual(['invite-required', 4]);
    expect(refusal(wrong)).toEqual(['invite-invalid', 4]);
  });

  it('has codes made by the operator alone', async () => {
    const [stranger, made] = await Promise.all([
      gavel(['invite'], { ...known, GAVEL_OPERATOR_TOKEN: 'somebody-who-is-not-the-operator' }),
      gavel(['invite', '--expires', '1h', '--note', 'for ann'], { ...known, ...asOperator() }),
    ]);
    expect([stranger.code, stranger.out]).toEqual([4, '']);
    expect(made).toMatchObject({ code: 0, out: expect.stringMatching(/^[0-9A-Z]{5}(-[0-9A-Z]{5}){4}\n$/) });
    code = made.out.trim();
  });

  it('lets one enrol with a code, in the home that was turned away before, and nobody after', async () => {
    // As somebody might type it from paper.
    const first = await client('ann', '--invite', code.toLowerCase().replaceAll('-', ' '));
    expect([first.code, first.err]).toEqual([0, '']);
    expect(lines(first)[0]).toMatchObject({ type: 'hello', data: { username: 'ann' } });
    const [again, second, secondBot] = await Promise.all([
      client('ann'),
      client('eve', '--invite', code),
      bot('robot', '--invite', code),
    ]);
    expect(again.code).toBe(0);
    expect(refusal(second)).toEqual(['invite-invalid', 4]);
    expect(refusal(secondBot)).toEqual(['invite-invalid', 4]);
  });

  it('tells of it in its audit journal, while it runs', async () => {
    const ending = await audit();
    expect([ending.code, ending.err]).toEqual([0, '']);
    expect(ending.out).toContain(ENROLLED);
    const events = lines(ending);
    noted = String(events.at(-1)?.['head']);
    expect(noted).toMatch(new RegExp(`^${events.length - 1}:[0-9a-f]{64}$`));
    const told = (type: string) => events.filter((event) => event['type'] === type);
    expect(told('service-started')).toMatchObject([{ registration: 'invite' }]);
    expect(told('invites-made')).toMatchObject([{ first: 1, count: 1, by: 'operator' }]);
    expect(told('enrolled')).toMatchObject([{ invite: 1, by: 'owner' }]);
    for (const secret of [code, code.replaceAll('-', ''), operatorToken, 'ann', 'mail.example', 'eyJ']) {
      expect(ending.out).not.toContain(secret);
    }
  });

  it('and after it ended, from the head on that was noted', async () => {
    expect(await dms.stop()).toBe(0);
    expect(await service.stop()).toBe(0);
    const ending = await audit('--expect-head', noted);
    expect([ending.code, ending.err]).toEqual([0, '']);
    const [number, hash] = noted.split(':');
    const forged = `${number}:${hash?.startsWith('0') ? '1' : '0'}${hash?.slice(1)}`;
    expect((await audit('--expect-head', forged)).code).toBe(6);
  });

  it('shows a journal of which one byte was turned', async () => {
    const file = readFileSync(stateFile);
    // The row, and what SQLite left of it where it was before.
    for (let at = file.indexOf(ENROLLED); at >= 0; at = file.indexOf(ENROLLED, at + 1)) file[at - 2]! ^= 1;
    writeFileSync(stateFile, file);
    const ending = await audit();
    expect(ending.code).toBe(6);
    const { number } = lines(ending).at(-1)!;
    expect(ending.err).toContain(`event ${Number(number) + 1} is not what was written`);
    expect(ending.out).not.toContain(ENROLLED);
  });
});
