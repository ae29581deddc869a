/** For tests of what is not about the audit journal, and has no store. */
import type { AuditTrail } from '../../trusted-service/audit/audit-journal.ts';

export const unrecorded: AuditTrail = { within: (work) => work(() => {}) };
