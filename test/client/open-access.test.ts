import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { KeyStore } from '../../client/identity/key-store.ts';
import { openAccess } from '../../client/open-access.ts';
import { refusalOf } from '../support/refusal.ts';
import { testFolder } from '../trusted-service/test-folder.ts';
import { TestService } from '../trusted-service/test-service.ts';

const at = testFolder();

describe('access', () => {
  it('that is to be had after the limit only is refused at once, with the reason', async () => {
    const service = await TestService.start({ enrolmentsPerAddress: '0' });
    const { machine, root, url: trustedServiceUrl } = service;
    const options = { trustedServiceUrl, root, username: 'ann', store: await KeyStore.open(at('home')) };
    // A limit that is longer than the patience of this test, and shorter than the hour that the service asks for.
    const around = { machine, newId: randomUUID, signal: new AbortController().signal, limitMs: 3_000_000 };
    expect(await refusalOf(openAccess(options, around))).toBe('too-many-requests');
    await service.stop();
  });
});
