/** `gavel export --evidence`: the receipts of a home, with everything that a third party needs beside the fingerprint. */
import { join } from 'node:path';
import { parseJws } from '../../shared/crypto/jws.ts';
import { verifyRoot } from '../../shared/pki/verify-certificate.ts';
import { CommandStatement } from '../../shared/wire/commands.ts';
import type { CertificatePem } from '../../shared/wire/vocabulary.ts';
import { ClientError } from '../client-error.ts';
import { address } from '../config.ts';
import { given } from '../environment.ts';
import { clientHome } from '../identity/home.ts';
import { IdentityFile, parseJson } from '../identity/identity.ts';
import { readPrivateFile } from '../identity/private-files.ts';
import { type KeptReceipt, ProofStore } from '../proof/proof-store.ts';
import type { AuditIo } from './audit-io.ts';
import type { Evidence } from './evidence.ts';
import { openedEvidence } from './opened-evidence.ts';
import type { ExportOptions } from './options.ts';
import { fetchSigners } from './read-log.ts';
import { tellEvidence } from './verify-evidence-command.ts';
import { BundleWriter } from './write-bundle.ts';

/** Its owner alone may read the file: it names the key that signed. */
const FILE_MODE = 0o600;

/** No passphrase is needed: nothing secret is in it. Resolves with the exit code of `gavel verify --evidence` on it. */
export async function exportEvidence(out: string, options: ExportOptions, io: AuditIo): Promise<number> {
  const { env, stderr } = io;
  const directory = clientHome(options.home ?? given(env, 'GAVEL_HOME'));
  const { root: pem, credentials } = await readIdentity(directory);
  const store = new ProofStore(directory);
  const commands = (await store.receipts()).filter(isOn(options.lot));
  const openings = (await store.openings()).filter(({ lot }) => options.lot === undefined || lot === options.lot);
  if (commands.length === 0 || credentials === undefined) throw new ClientError('evidence-missing');
  const { trustedServiceUrl: url } = options;
  const root = verifyRoot(pem);
  const trustedServiceUrl = address('--trusted-service-url', url, env, 'GAVEL_TRUSTED_SERVICE_URL');
  const signers = await fetchSigners({ trustedServiceUrl, root });
  const opened = openings.flatMap((opening) => openedEvidence(opening, signers, root) ?? []);
  const evidence: Evidence = {
    ...{ gavel: 'evidence', v: 1, root: root.pem as CertificatePem },
    participant: [credentials.certificate, credentials.issuer],
    signers,
    commands,
    ...(opened.length > 0 && { opened }),
  };
  const writer = await BundleWriter.create(out, FILE_MODE);
  await writer.write([evidence]);
  await writer.finish();
  const others = opened.length === 0 ? '.' : `, and those of the other parties of ${opened.length} sales.`;
  stderr.write(`Wrote ${commands.length} commands, ${writer.bytes} bytes, to ${out}. It names your key${others}\n`);
  return tellEvidence({ evidence, root }, undefined, options, io);
}

async function readIdentity(directory: string): Promise<IdentityFile> {
  const bytes = await readPrivateFile(join(directory, 'identity.json'));
  if (bytes === undefined) throw new ClientError('evidence-missing', `there is no home in ${directory}`);
  return parseJson(IdentityFile, bytes);
}

function isOn(lot: string | undefined): (receipt: KeptReceipt) => boolean {
  return ({ statement }) => {
    if (lot === undefined) return true;
    const { claims } = parseJws(statement, 'command+jwt', CommandStatement);
    return lot === (claims.type === 'bid' ? claims.lot : claims.id);
  };
}
