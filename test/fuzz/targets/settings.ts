/** What a machine keeps or an operator gives: the settings file of a home, the environment of a server. */
import { ClientError } from '../../../client/client-error.ts';
import { HomeSettings } from '../../../client/door/settings.ts';
import { parseJson } from '../../../client/identity/identity.ts';
import { utf8 } from '../../../shared/bytes.ts';
import { addressSettings, COMMON_SETTINGS, readSettings } from '../../../shared/settings.ts';
import { StartError } from '../../../shared/start-error.ts';
import type { Choice } from '../choice.ts';
import { mutateJson } from '../mutate-json.ts';
import { CANARY, mutateText } from '../mutate-text.ts';
import { demand, type Target } from '../target.ts';

type Input = { readonly file: string } | { readonly env: Readonly<Record<string, string>> };

const TABLE = { ...COMMON_SETTINGS, ...addressSettings('FUZZ', 8_443) } as const;
const file = JSON.stringify({
  v: 1,
  trustedServiceUrl: 'https://localhost:1',
  dmsUrl: 'https://localhost:2',
  root: `sha256:${'ab'.repeat(32)}`,
});
const env = {
  GAVEL_HOME: '/tmp/home',
  GAVEL_CLOCK: 'simulated',
  FUZZ_PORT: '8443',
  FUZZ_HOST: '127.0.0.1',
  FUZZ_HOSTS: 'localhost,127.0.0.1,::1',
  FUZZ_TLS: 'off',
};
const HOSTS = [
  '::',
  '::ffff:1.2.3.4',
  '1:2:3:4:5:6:7:8',
  '1::8',
  'fe80::1%eth0',
  '[::1]',
  '1.2.3.4',
  '0x7f.1',
  '1.2.3',
  'a..b',
  '-a',
  'xn--nxasmq6b',
  'A',
  '*.a',
  'a'.repeat(64),
  '',
];

function mutate(input: Input, choice: Choice, other: Input): Input {
  if ('file' in input) return { file: mutateJson(input.file, choice, 'file' in other ? other.file : '{}') };
  const name = choice.of(Object.keys(env));
  const text = input.env[name] ?? '';
  const hosts = Array.from({ length: choice.of([1, 2, 16, 17]) }, () => choice.of(HOSTS)).join();
  return { env: { ...input.env, [name]: choice.oneIn(3) ? hosts : mutateText(text, choice, choice.of(HOSTS)) } };
}

function judge(input: Input): string {
  try {
    if ('file' in input) {
      const settings = parseJson(HomeSettings, utf8.encode(input.file));
      demand(HomeSettings.safeParse(settings).success && Object.keys(settings).length === 4, 'it has another form');
      return 'accepted';
    }
    demandUsable(readSettings(TABLE, {}, input.env));
    return 'accepted';
  } catch (error) {
    const isTold = error instanceof StartError || (error instanceof ClientError && error.code === 'home-unreadable');
    if (!isTold) throw error;
    demand(!error.message.includes(CANARY), 'the complaint repeats what was given');
    return 'refused';
  }
}

function demandUsable(values: ReturnType<typeof readSettings<typeof TABLE>>): void {
  const again = readSettings(TABLE, {}, { FUZZ_HOSTS: values.hosts.join() });
  demand(again.hosts.join() === values.hosts.join(), 'read again they are other hosts');
  demand(Number.isInteger(values.port) && values.port >= 0 && values.port <= 65_535, 'no such port');
}

export const settings: Target<Input> = {
  name: 'settings',
  reaches: ['accepted', 'refused'],
  prepare: () => ({ valid: [{ file }, { env }], mutate, judge }),
};
