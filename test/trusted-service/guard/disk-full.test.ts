/** A real disk that takes nothing any more, as far as this process is concerned: the kernel refuses each write. */
import { afterEach, expect, it } from 'vitest';
import { PATHS } from '../../../shared/wire/http-endpoints.ts';
import type { Digest } from '../../../shared/wire/vocabulary.ts';
import { refusalOf } from '../../support/refusal.ts';
import { until } from '../../support/until.ts';
import { testFolder } from '../test-folder.ts';
import { TestParticipant } from '../test-participant.ts';
import { CAN_LIMIT, MortalService } from './mortal-service.ts';

const at = testFolder();
const services: MortalService[] = [];
afterEach(async () => {
  for (const service of services.splice(0)) await service.kill();
});
const readyStatus = async ({ url }: MortalService) => (await fetch(url + PATHS.ready)).status;

it.skipIf(!CAN_LIMIT)(
  'a service whose disk is full refuses what has to be written, and goes on when there is room',
  async () => {
    const service = await MortalService.start(at('full'));
    if (service === undefined) throw new Error('it did not start');
    services.push(service);
    const jane = await TestParticipant.enrolled(service, 'jane');
    const proof = await jane.proof();
    const issue = () => service.client.issue({ certificate: jane.certificate, proof });
    service.limitFiles(1);
    const joe = new TestParticipant(service);
    expect(await refusalOf(joe.enrol('joe'))).toBe('state-unwritable');
    expect(await refusalOf(issue())).toBe('state-unwritable');
    expect(await refusalOf(service.client.revoke({ serial: jane.serial, reason: 'superseded' }))).toBe(
      'state-unwritable',
    );
    expect(await readyStatus(service)).toBe(503);
    service.limitFiles('unlimited');
    await until('the service is ready', async () => (await readyStatus(service)) === 200);
    // The proof was not spent, the name not taken, the certificate not revoked.
    expect((await issue()).token).toBeDefined();
    expect((await joe.enrol('joe')).certificate).toBeDefined();
    await service.client.timestamp('A'.repeat(43) as Digest);
  },
);
