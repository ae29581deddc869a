/** Telling a state that can't be written just now, which may pass, from a mistake of ours. */
import { ProtocolError } from '../../shared/errors.ts';

/** PERM, BUSY, LOCKED, READONLY, IOERR, FULL, CANTOPEN; the upper bits of a result say more exactly which. */
const SQLITE_CODES: readonly number[] = [3, 5, 6, 8, 10, 13, 14];
const SQLITE_PRIMARY = 0xff;
/** No room, quota, rights or handles, or a broken disk. */
const FILE_CODES: readonly string[] = [
  'ENOSPC',
  'EDQUOT',
  'EFBIG',
  'EROFS',
  'EIO',
  'EACCES',
  'EPERM',
  'EMFILE',
  'ENFILE',
  'ENOENT',
];

/** Runs `work`, which writes. Throws 'state-unwritable' where the disk did not take it; what else it throws, as it is. */
export function demandWritten<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (cause) {
    throw isWriteFailure(cause) ? new ProtocolError('state-unwritable', undefined, { cause }) : cause;
  }
}

function isWriteFailure(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ('errcode' in error && typeof error.errcode === 'number') {
    return SQLITE_CODES.includes(error.errcode & SQLITE_PRIMARY);
  }
  return 'code' in error && FILE_CODES.includes(String(error.code));
}
