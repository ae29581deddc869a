/**
 * A program that rotates every key and is killed, as by `kill -9`, before one of its writes, which is after the one before. Arguments: the home,
 * and the number of the write; what it does is counted over files and transactions alike.
 */
import { PrivateFolder } from '../../../shared/private-folder.ts';
import { AuditJournal } from '../../../trusted-service/audit/audit-journal.ts';
import { parseConfig } from '../../../trusted-service/config.ts';
import { serveTrustedService } from '../../../trusted-service/main.ts';
import { createServiceLog } from '../../../trusted-service/service-log.ts';

const [home = '', dieAt = ''] = process.argv.slice(2);
let moments = 0;

/** A moment at which the process may end. */
function moment(): void {
  moments += 1;
  if (moments === Number(dieAt)) process.kill(process.pid, 'SIGKILL');
}

/** Makes every call of a method a write before which the process may end. */
function watch<Name extends string>(prototype: { [Key in Name]: (...args: never[]) => unknown }, name: Name): void {
  const original = prototype[name] as (...args: unknown[]) => unknown;
  prototype[name] = function watched(this: unknown, ...args: unknown[]): unknown {
    moment();
    return original.apply(this, args);
  } as (typeof prototype)[Name];
}

const settings = { home, port: 0, clock: 'simulated', tls: false };
const config = parseConfig(settings, { GAVEL_OPERATOR_TOKEN: 'the-operator-of-the-tests' }, '/nowhere');
const service = await serveTrustedService(config, { log: createServiceLog({ write: () => {} }), publicationMs: 0 });
// The first start is over: from here on every write counts.
watch(PrivateFolder.prototype, 'writeSecret');
watch(PrivateFolder.prototype, 'writePublic');
watch(PrivateFolder.prototype, 'remove');
watch(AuditJournal.prototype, 'within');
const headers = { authorization: 'Bearer the-operator-of-the-tests', 'content-type': 'application/json' };
const rotate = (body: object) =>
  fetch(`${service.url}/api/rotate`, { method: 'POST', headers, body: JSON.stringify(body) });
for (const role of ['token-signer', 'timestamp-signer', 'issuing-ca']) {
  await rotate({ role });
  await service.maintain();
}
await rotate({ role: 'issuing-ca', request: true });
await rotate({ role: 'token-signer', now: true });
await service.close();
process.stdout.write(`${moments}\n`);
