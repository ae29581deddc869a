import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { ClientError } from '../../client/client-error.ts';
import { loadView } from '../../client/load-view.ts';
import { runScreen } from '../../client/screen-mode.ts';

it('says what to do where the screen was not built', async () => {
  const nowhere = new URL('no-view.js', import.meta.url);
  await expect(loadView(nowhere)).rejects.toMatchObject({ code: 'screen-not-built' });
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const io = { stdin, stdout, stderr, env: {}, signal: new AbortController().signal };
  const open = () => Promise.reject(new ClientError('screen-not-built'));
  expect(await runScreen({}, io, { open })).toBe(2);
  expect(String(stderr.read())).toMatch(/^gavel: screen-not-built: .*npm run build.*\n$/);
});
