/** All fuzz targets: one for each parser that meets foreign bytes. */
import type { Target } from './target.ts';
import { archive } from './targets/archive.ts';
import { base64url } from './targets/base64url.ts';
import { bundle } from './targets/bundle.ts';
import { certificate } from './targets/certificate.ts';
import { checkpoint } from './targets/checkpoint.ts';
import { csr } from './targets/csr.ts';
import { der } from './targets/der.ts';
import { envelope } from './targets/envelope.ts';
import { frame } from './targets/frame.ts';
import { houseAnswers } from './targets/house-answers.ts';
import { httpBodies } from './targets/http-bodies.ts';
import { jws } from './targets/jws.ts';
import { keySet } from './targets/key-set.ts';
import { merkle } from './targets/merkle.ts';
import { pem } from './targets/pem.ts';
import { receipt } from './targets/receipt.ts';
import { record } from './targets/record.ts';
import { revocationList } from './targets/revocation-list.ts';
import { settings } from './targets/settings.ts';
import { socketArguments } from './targets/socket-arguments.ts';
import { strictJson } from './targets/strict-json.ts';
import { timestampQuery } from './targets/timestamp-query.ts';
import { timestampReply } from './targets/timestamp-reply.ts';
import { timestampToken } from './targets/timestamp-token.ts';
import { token } from './targets/token.ts';
import { typedCommand } from './targets/typed-command.ts';
import { userName } from './targets/user-name.ts';

export const TARGETS: readonly Target<unknown>[] = [
  frame,
  envelope,
  jws,
  token,
  certificate,
  csr,
  pem,
  der,
  revocationList,
  keySet,
  timestampQuery,
  timestampReply,
  timestampToken,
  record,
  receipt,
  checkpoint,
  merkle,
  bundle,
  typedCommand,
  socketArguments,
  houseAnswers,
  httpBodies,
  strictJson,
  base64url,
  userName,
  settings,
  archive,
];
