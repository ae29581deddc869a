/** All fuzz targets: one for each parser that meets foreign bytes. */
import type { Target } from './target.ts';
import { certificate } from './targets/certificate.ts';
import { csr } from './targets/csr.ts';
import { envelope } from './targets/envelope.ts';
import { frame } from './targets/frame.ts';
import { jws } from './targets/jws.ts';
import { keySet } from './targets/key-set.ts';
import { record } from './targets/record.ts';
import { revocationList } from './targets/revocation-list.ts';
import { timestampQuery } from './targets/timestamp-query.ts';
import { timestampReply } from './targets/timestamp-reply.ts';
import { timestampToken } from './targets/timestamp-token.ts';
import { token } from './targets/token.ts';

export const TARGETS: readonly Target<unknown>[] = [
  certificate,
  csr,
  envelope,
  frame,
  jws,
  token,
  revocationList,
  keySet,
  timestampQuery,
  timestampReply,
  timestampToken,
  record,
];
