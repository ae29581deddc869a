/** Between what verification refuses and what an auditor finds. */
import { ProtocolError } from '../../shared/errors.ts';
import { type AuditRule, BrokenRule } from './finding.ts';

/** What is refused breaks this rule. */
export async function asRule<Result>(rule: AuditRule, verify: () => Promise<Result>): Promise<Result> {
  try {
    return await verify();
  } catch (cause) {
    if (!(cause instanceof ProtocolError)) throw cause;
    throw new BrokenRule(rule, cause.detail === undefined ? cause.code : `${cause.code}: ${cause.detail}`, { cause });
  }
}
