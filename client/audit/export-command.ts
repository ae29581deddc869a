/** `gavel export`: a journal in one file that anybody can verify offline, or what one participant can prove. */
import { loadRoot } from '../../shared/http-client.ts';
import { ClientError } from '../client-error.ts';
import { type AuditIo, complain } from './audit-io.ts';
import { auditJournal } from './audit-journal.ts';
import { exportEvidence } from './export-evidence.ts';
import { type ExportOptions, givenRoot, parseLogOptions } from './options.ts';
import { openLog } from './read-log.ts';
import { tell } from './verify-command.ts';
import { BundleWriter } from './write-bundle.ts';

/** Resolves with the exit code: that of `gavel verify` on what was written. */
export async function runExport(options: ExportOptions, io: AuditIo): Promise<number> {
  try {
    const { out } = options;
    if (out === undefined) throw new ClientError('option-malformed', '--out is the file to write');
    if (options.evidence === true) return await exportEvidence(out, options, io);
    return await exportBundle(out, options, io);
  } catch (error) {
    return complain(error, io);
  }
}

/** The journal is audited as it is written: a bundle of one that does not hold is evidence as well. */
async function exportBundle(out: string, options: ExportOptions, io: AuditIo): Promise<number> {
  const { env, signal, stderr } = io;
  const source = givenRoot(options, env);
  const addresses = parseLogOptions(options, env);
  const root = await loadRoot(source, addresses.trustedServiceUrl);
  const { copy, close } = await openLog({ ...addresses, root, signal });
  try {
    const writer = await BundleWriter.create(out);
    const report = await writer
      .following(copy, root)
      .then((followed) => auditJournal(followed, root))
      .catch(async (error: unknown) => {
        await writer.discard();
        throw error;
      });
    await writer.finish();
    const { bytes } = writer;
    stderr.write(`Wrote ${report.shown} records, ${bytes} bytes, to ${out}.\n`);
    return await tell(report, options, io, { file: out, bytes });
  } finally {
    await close();
  }
}
