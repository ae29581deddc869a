/** Every kind of JWS: read, and then verified by the key that made it. */
import type { KeyObject } from 'node:crypto';
import type { z } from 'zod';
import { utf8 } from '../../../shared/bytes.ts';
import { type JwsType, parseJws, verifyJws } from '../../../shared/crypto/jws.ts';
import { AccessTokenClaims } from '../../../shared/pki/access-token.ts';
import { CommandStatement } from '../../../shared/wire/commands.ts';
import { IssueProof, RevocationProof } from '../../../shared/wire/http-endpoints.ts';
import { CheckpointClaims, CosignatureClaims } from '../../../shared/wire/log.ts';
import { SessionOffer, SessionProof } from '../../../shared/wire/socket-events.ts';
import { TimestampBatchClaims } from '../../../shared/wire/timestamp-token.ts';
import { CORPUS, publicKeyOf } from '../corpus.ts';
import { mutateJws } from '../mutate-jws.ts';
import { demand, judging, judgingLater, type Target } from '../target.ts';

interface Input {
  readonly text: string;
  readonly typ: JwsType;
}

const participant = publicKeyOf('participant');
const KINDS: Partial<Record<JwsType, { readonly schema: z.ZodType; readonly key: KeyObject }>> = {
  'command+jwt': { schema: CommandStatement, key: participant },
  'proof+jwt': { schema: IssueProof, key: participant },
  'revocation-proof+jwt': { schema: RevocationProof, key: participant },
  'session-offer+jwt': { schema: SessionOffer, key: participant },
  'session-proof+jwt': { schema: SessionProof, key: participant },
  'at+jwt': { schema: AccessTokenClaims, key: publicKeyOf('token') },
  'timestamp-batch+jwt': { schema: TimestampBatchClaims, key: publicKeyOf('timestamp') },
  'checkpoint+jwt': { schema: CheckpointClaims, key: publicKeyOf('node') },
  'cosignature+jwt': { schema: CosignatureClaims, key: publicKeyOf('token') },
};

const valid: readonly Input[] = [
  ...CORPUS.statements.map((text) => ({ text, typ: 'command+jwt' as const })),
  ...CORPUS.tokens.map((text) => ({ text, typ: 'at+jwt' as const })),
  ...Object.entries(CORPUS.signed).map(([typ, text]) => ({ text, typ: typ as JwsType })),
  { text: CORPUS.stamps[0]!.token.batch, typ: 'timestamp-batch+jwt' },
  { text: CORPUS.checkpoint.checkpoint, typ: 'checkpoint+jwt' },
  { text: CORPUS.witness.cosignature, typ: 'cosignature+jwt' },
];
const known = new Set(valid.map(({ text }) => text));

async function judge({ text, typ }: Input): Promise<string> {
  const { schema, key } = KINDS[typ]!;
  const read = judging(
    ['malformed', 'frame-too-large'],
    () => parseJws(text, typ, schema),
    ({ kid }) => {
      const parts = text.split('.').map((part) => Buffer.from(part, 'base64url'));
      demand(parts.map((part) => part.toString('base64url')).join('.') === text, 'two texts of the same bytes');
      const header = JSON.stringify({ alg: 'ES256', typ, kid });
      demand(parts.length === 3 && utf8.decode(parts[0]!) === header, 'another header');
    },
  );
  if (read !== 'accepted') return read;
  // Only what could be read is worth a verification.
  return judgingLater(
    ['malformed', 'signature-invalid'],
    () => verifyJws(text, { typ, key, schema }),
    () => {
      demand(known.has(text), 'a changed JWS verifies');
    },
  );
}

export const jws: Target<Input> = {
  name: 'jws',
  reaches: ['accepted', 'malformed', 'signature-invalid', 'frame-too-large'],
  prepare: () => ({
    valid,
    mutate: ({ text, typ }, choice, other) => ({
      text: mutateJws(text, choice, other.text),
      typ: choice.oneIn(40) ? other.typ : typ,
    }),
    judge,
  }),
};
