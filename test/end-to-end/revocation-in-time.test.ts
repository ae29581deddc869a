/** From the answer to a revocation to the end of the sessions: two seconds at most, over real connections. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FORGIVING } from '../support/house-servers.ts';
import { RunningHouse } from '../support/running-house.ts';
import { soon } from '../support/until.ts';

const LIMIT_MS = 2_000;

let house: RunningHouse;
beforeAll(async () => {
  house = await RunningHouse.start({ clock: 'real', rates: FORGIVING });
});
afterAll(() => house.close());

it.each(['operator', 'owner'])(
  'a revocation by the %s ends every live session of the key in time, and no other',
  async (by) => {
    const [villain, honest] = [await house.participant(`villain-${by}`), await house.participant(`honest-${by}`)];
    const sockets = [await house.rawSocket(villain), await house.rawSocket(villain)];
    const other = await house.rawSocket(honest);
    const serial = villain.parsed.serialHex;
    const claims = {
      aud: `sha256:${house.root.sha256}`,
      iat: Math.round(house.now()),
      jti: crypto.randomUUID(),
      serial,
    };
    const proof = await villain.sign('revocation-proof+jwt', claims);
    const owner = house.connectService();
    const request = { serial, reason: 'keyCompromise' } as const;
    await (by === 'operator' ? house.operator.revoke(request) : owner.revoke({ ...request, proof }));
    // From now on it counts.
    await Promise.all(sockets.map((socket) => soon('the end of the session', socket.closed, LIMIT_MS)));
    for (const socket of sockets) {
      expect(socket.heard.find(({ name }) => name === 'session_ended')?.args[0].code).toBe('certificate-revoked');
    }
    expect((await other.ask('query', { type: 'allitems' })).outcome).not.toBe('refused');
    await owner.close();
    expect(house.failures).toEqual([]);
  },
);
