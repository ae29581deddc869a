/** All fuzz targets: one for each parser that meets foreign bytes. */
import type { Target } from './target.ts';
import { certificate } from './targets/certificate.ts';
import { csr } from './targets/csr.ts';
import { envelope } from './targets/envelope.ts';
import { frame } from './targets/frame.ts';
import { jws } from './targets/jws.ts';
import { token } from './targets/token.ts';

export const TARGETS: readonly Target<unknown>[] = [frame, envelope, jws, token, certificate, csr];
