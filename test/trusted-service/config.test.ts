import { describe, expect, it } from 'vitest';
import { StartError } from '../../shared/start-error.ts';
import { parseConfig } from '../../trusted-service/config.ts';

const read = (options: Record<string, unknown> = {}, env: Record<string, string> = {}) =>
  parseConfig(options, env, '/default');

const DAY_MS = 24 * 3_600_000;

describe('the configuration', () => {
  it('has defaults', () => {
    expect(read()).toEqual({
      folder: '/default/trusted-service',
      port: 8443,
      bind: '127.0.0.1',
      hosts: ['localhost', '127.0.0.1'],
      clock: 'real',
      operatorToken: undefined,
      registration: 'open',
      rotateTokenSigner: 30 * DAY_MS,
      rotateTimestampSigner: 180 * DAY_MS,
      rotateIssuingCa: 300 * DAY_MS,
      enrolmentsPerAddress: 100,
      enrolmentsPerHour: 1_000,
      timestampsPerAddress: 300_000,
      requestsPerAddress: 60_000,
      metrics: 'token',
      metricsToken: undefined,
      proxies: [],
      tls: true,
    });
  });

  it('comes from the environment, where an empty variable is none', () => {
    const env = {
      GAVEL_HOME: '/home/of/gavel',
      GAVEL_TRUSTED_SERVICE_PORT: '0',
      GAVEL_TRUSTED_SERVICE_BIND: '::',
      GAVEL_TRUSTED_SERVICE_HOSTS: 'Auction.Example.org, ::1,0:0:0:0:0:0:0:1',
      GAVEL_CLOCK: 'simulated',
      GAVEL_OPERATOR_TOKEN: '0123456789abcdef',
      GAVEL_REGISTRATION: 'invite',
      GAVEL_ENROLMENTS_PER_ADDRESS: '5',
      GAVEL_ENROLMENTS_PER_HOUR: '0',
      GAVEL_TIMESTAMPS_PER_ADDRESS: '7',
      GAVEL_REQUESTS_PER_ADDRESS: '8',
      GAVEL_METRICS: 'open',
      GAVEL_METRICS_TOKEN: 'fedcba9876543210',
      GAVEL_TRUSTED_SERVICE_PROXIES: '10.0.0.0/8, ::1',
      GAVEL_TRUSTED_SERVICE_TLS: 'off',
    };
    expect(read({}, env)).toEqual({
      folder: '/home/of/gavel/trusted-service',
      port: 0,
      bind: '::',
      hosts: ['auction.example.org', '::1'],
      clock: 'simulated',
      operatorToken: '0123456789abcdef',
      registration: 'invite',
      rotateTokenSigner: 30 * DAY_MS,
      rotateTimestampSigner: 180 * DAY_MS,
      rotateIssuingCa: 300 * DAY_MS,
      enrolmentsPerAddress: 5,
      enrolmentsPerHour: 0,
      timestampsPerAddress: 7,
      requestsPerAddress: 8,
      metrics: 'open',
      metricsToken: 'fedcba9876543210',
      proxies: ['10.0.0.0/8', '::1'],
      tls: false,
    });
    expect(read({}, { GAVEL_CLOCK: '', GAVEL_HOME: '' })).toEqual(read());
  });

  it('prefers options, in whatever type they come', () => {
    const env = { GAVEL_TRUSTED_SERVICE_PORT: '1', GAVEL_CLOCK: 'simulated', GAVEL_HOME: '/env' };
    const options = { port: 5000, clock: 'real', home: '/option', tls: false, hosts: ['a.example', 'b.example'] };
    expect(read(options, env)).toMatchObject({
      folder: '/option/trusted-service',
      port: 5_000,
      clock: 'real',
      tls: false,
      hosts: ['a.example', 'b.example'],
    });
  });

  it('takes the operator’s token from the environment alone: options are seen by every process', () => {
    expect(read({ operatorToken: '0123456789abcdef' }).operatorToken).toBeUndefined();
  });

  it.each<[string, Record<string, unknown>, Record<string, string>?]>([
    ['GAVEL_TRUSTED_SERVICE_PORT', { port: '65536' }],
    ['GAVEL_TRUSTED_SERVICE_PORT', { port: '-1' }],
    ['GAVEL_TRUSTED_SERVICE_PORT', { port: '80a' }],
    ['GAVEL_TRUSTED_SERVICE_PORT', { port: '1e3' }],
    ['GAVEL_TRUSTED_SERVICE_BIND', { bind: 'localhost' }],
    ['GAVEL_TRUSTED_SERVICE_HOSTS', { hosts: '*' }],
    ['GAVEL_TRUSTED_SERVICE_HOSTS', { hosts: 'a,,b' }],
    ['GAVEL_TRUSTED_SERVICE_HOSTS', { hosts: Array.from({ length: 17 }, (_, n) => `h${n}`) }],
    ['GAVEL_TRUSTED_SERVICE_HOSTS', { hosts: 'https://localhost' }],
    ['GAVEL_CLOCK', { clock: 'fake' }],
    ['GAVEL_REGISTRATION', { registration: 'closed' }],
    ['GAVEL_ENROLMENTS_PER_ADDRESS', { enrolmentsPerAddress: '-1' }],
    ['GAVEL_ENROLMENTS_PER_HOUR', { enrolmentsPerHour: '1.5' }],
    ['GAVEL_TIMESTAMPS_PER_ADDRESS', { timestampsPerAddress: 'many' }],
    ['GAVEL_REQUESTS_PER_ADDRESS', { requestsPerAddress: '1e3' }],
    ['GAVEL_METRICS', { metrics: 'closed' }],
    ['GAVEL_METRICS_TOKEN', {}, { GAVEL_METRICS_TOKEN: 'short' }],
    ['GAVEL_TRUSTED_SERVICE_PROXIES', { proxies: 'proxy.example' }],
    ['GAVEL_TRUSTED_SERVICE_PROXIES', { proxies: '10.0.0.0/33' }],
    ['GAVEL_TRUSTED_SERVICE_PROXIES', { proxies: Array.from({ length: 17 }, (_, n) => `10.0.0.${n}`) }],
    ['GAVEL_OPERATOR_TOKEN', {}, { GAVEL_OPERATOR_TOKEN: 'fifteen-letters' }],
    ['GAVEL_OPERATOR_TOKEN', {}, { GAVEL_OPERATOR_TOKEN: 'a token with blanks in it' }],
    ['GAVEL_TRUSTED_SERVICE_TLS', { tls: 'maybe' }],
  ])('says that %s is wrong: %j', (variable, options, env) => {
    expect(() => read(options, env)).toThrow(StartError);
    expect(() => read(options, env)).toThrow(variable);
  });

  it('says everything that is wrong at once, and no secret', () => {
    const complain = () => read({ port: 'x', clock: 'y' }, { GAVEL_OPERATOR_TOKEN: 'short-secret' });
    expect(complain).toThrow(/GAVEL_TRUSTED_SERVICE_PORT \(--port\)/);
    expect(complain).toThrow(/GAVEL_CLOCK \(--clock\)/);
    expect(complain).toThrow(/GAVEL_OPERATOR_TOKEN must/);
    expect(complain).not.toThrow(/short-secret/);
  });
});
