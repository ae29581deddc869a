/** The audit of a house's public log for whoever takes part there, with word of how far it has come. */
import type { Certificate } from '../../shared/pki/verify-certificate.ts';
import type { HouseId, Instant, LotId } from '../../shared/wire/vocabulary.ts';
import { ClientError } from '../client-error.ts';
import { type AuditReport, auditJournal } from './audit-journal.ts';
import type { JournalCopy } from './journal-copy.ts';
import { openLog } from './read-log.ts';
import { findingSentence, type LotRow, lotRow } from './report.ts';

export interface AuditedHouse {
  readonly dmsUrl: string;
  readonly trustedServiceUrl: string;
  readonly root: Certificate;
  readonly signal: AbortSignal;
}

/** How far an audit has come. */
export interface AuditProgress {
  readonly records: number;
}

export interface AuditWish {
  /** The lot that is asked about; every lot if not given. The journal is read as a whole either way. */
  readonly lot?: LotId;
  readonly onProgress?: (progress: AuditProgress) => void;
}

/** What holds. */
export interface JournalAudit {
  readonly house: HouseId;
  /** The journal that was audited, as a node of the house signed it. */
  readonly checkpoint: { readonly size: number; readonly time: Instant; readonly root: Uint8Array };
  /** How many records were shown: the others nobody may know yet. */
  readonly records: number;
  /** How much of it a witness has cosigned, and when. */
  readonly witnessed?: { readonly size: number; readonly time: number };
  readonly lots: readonly LotRow[];
}

/** For reading everything. */
const DEADLINE_MS = 600_000;

/**
 * Reads the log from its beginning and holds every record against the rules, from the root alone. Throws
 * `journal-broken` with the first record that does not hold, `too-slow`, and what the services refuse.
 */
export async function auditHouse(house: AuditedHouse, { lot, onProgress }: AuditWish): Promise<JournalAudit> {
  const { copy, close } = await openLog({ ...house, deadlineMs: DEADLINE_MS });
  try {
    const report = await auditJournal(onProgress === undefined ? copy : withProgress(copy, onProgress), house.root);
    return holding(report, lot);
  } finally {
    await close();
  }
}

function holding({ finding, checkpoint, witnessed, shown, lots }: AuditReport, lot: LotId | undefined): JournalAudit {
  if (finding !== undefined || checkpoint === undefined) {
    throw new ClientError('journal-broken', finding === undefined ? undefined : findingSentence(finding));
  }
  const { house, size, time, root } = checkpoint;
  const wanted = lot === undefined ? lots : lots.filter((audited) => audited.lot === lot);
  return {
    house,
    checkpoint: { size, time, root },
    records: shown,
    ...(witnessed && { witnessed: { size: witnessed.size, time: witnessed.time } }),
    lots: wanted.map((audited) => lotRow(audited, time)),
  };
}

function withProgress(copy: JournalCopy, onProgress: (progress: AuditProgress) => void): JournalCopy {
  let records = 0;
  return {
    ...copy,
    async *parts() {
      for await (const part of copy.parts()) {
        if (part.kind === 'entries') {
          records += part.entries.length;
          onProgress({ records });
        }
        yield part;
      }
    },
  };
}
