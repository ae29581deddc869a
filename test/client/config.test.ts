import { describe, expect, it } from 'vitest';
import { type ClientOptions, type Environment, parseClientConfig } from '../../client/config.ts';
import { complaintBy } from './complaint.ts';

const addresses = { trustedServiceUrl: 'https://trust.example:8443', dmsUrl: 'https://dms.example:8444' };
const parse = (options: ClientOptions, env: Environment = {}) => parseClientConfig({ ...addresses, ...options }, env);

describe('the invite', () => {
  it('is taken from the option, else from the environment; one that is set to nothing is none', () => {
    expect(parse({ invite: 'ABCDE' }, { GAVEL_INVITE: 'FGHJK' }).invite).toBe('ABCDE');
    expect(parse({}, { GAVEL_INVITE: 'FGHJK' }).invite).toBe('FGHJK');
    expect(parse({}, { GAVEL_INVITE: '' })).not.toHaveProperty('invite');
  });

  it.each(['', '  ', 'A'.repeat(65)])('%j is no code', (invite) => {
    expect(complaintBy(() => parse({ invite }))).toBe('option-malformed');
  });
});
