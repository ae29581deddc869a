/** The check of callers, as the service's routes want it: it throws. */
import type { IncomingHttpHeaders } from 'node:http';
import { ProtocolError } from '../../shared/errors.ts';
import { createCallerCheck } from '../../shared/http-caller.ts';

/** Throws 'host-not-allowed' and 'origin-not-allowed', see `createCallerCheck`. */
export function createGatekeeper(names: readonly string[]): (headers: IncomingHttpHeaders) => void {
  const refusalOf = createCallerCheck(names);
  return (headers) => {
    const code = refusalOf(headers);
    if (code !== undefined) throw new ProtocolError(code);
  };
}
