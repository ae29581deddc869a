/**
 * Brings node_modules to what package-lock.json says, and the bundle of the screen to what its sources say, if they are
 * not there yet. Runs under whatever Node the machine has, before every npm script that needs the dependencies, and
 * does nothing the second time.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const project = new URL('./', import.meta.url);
const stamp = new URL('node_modules/.gavel-setup', project);
const runtime = new URL('node_modules/.bin/node', project);
const wanted = createHash('sha256')
  .update(readFileSync(new URL('package.json', project)))
  .update(readFileSync(new URL('package-lock.json', project)))
  .update(`${process.platform} ${process.arch}`)
  .digest('hex');

const isDone = existsSync(runtime) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted;
if (!isDone) {
  process.stderr.write('Setting up: installing dependencies, once.\n');
  // Not `npm ci`: that refuses a lock file made where a registry lacked some other platform's optional binaries.
  const install = ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error'];
  // The output goes to standard error: standard output belongs to the program that starts after this.
  const { status } = spawnSync('npm', install, {
    cwd: fileURLToPath(project),
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (status !== 0) {
    process.stderr.write(
      'Set-up failed: npm install did not end well. Check the network and the messages above, then run this again.\n',
    );
    process.exit(1);
  }
  writeFileSync(stamp, wanted);
}
// Read only now: what it bundles with was installed above.
const { buildScreen } = await import('./build.mjs');
await buildScreen();
