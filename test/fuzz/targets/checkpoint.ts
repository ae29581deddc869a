/** Checkpoints and cosignatures, as anybody reads them who has the root alone. */
import { utf8 } from '../../../shared/bytes.ts';
import { parseJws } from '../../../shared/crypto/jws.ts';
import { ProtocolError } from '../../../shared/errors.ts';
import { verifyCheckpoint, verifyCosignature } from '../../../shared/journal/checkpoint.ts';
import { parseCertificate } from '../../../shared/pki/verify-certificate.ts';
import { parseStrictJson } from '../../../shared/strict-json.ts';
import { CheckpointClaims, Cosignature, SignedCheckpoint } from '../../../shared/wire/log.ts';
import { CORPUS } from '../corpus.ts';
import { mutateJson } from '../mutate-json.ts';
import { mutateJws } from '../mutate-jws.ts';
import { demand, judgingLater, type Target } from '../target.ts';

const root = parseCertificate(CORPUS.certificates.root);
const claims = parseJws(CORPUS.checkpoint.checkpoint, 'checkpoint+jwt', CheckpointClaims).claims;
const head = { ...claims, root: new Uint8Array(Buffer.from(claims.root, 'base64url')) };
const CODES = [
  ...(['malformed', 'frame-too-large', 'signature-invalid'] as const),
  ...(['certificate-malformed', 'certificate-untrusted', 'certificate-expired', 'certificate-not-yet-valid'] as const),
];

async function verified(text: string): Promise<string> {
  const value = parseStrictJson(utf8.encode(text));
  const signed = SignedCheckpoint.safeParse(value);
  if (signed.success) {
    const { house, size, time } = await verifyCheckpoint(signed.data, root);
    demand(house === claims.house && size === claims.size && time === claims.time, 'it says something else');
    return signed.data.checkpoint;
  }
  const cosigned = Cosignature.safeParse(value);
  if (!cosigned.success) throw new ProtocolError('malformed');
  await verifyCosignature(cosigned.data, head, root);
  return cosigned.data.cosignature;
}

export const checkpoint: Target<string> = {
  name: 'checkpoint',
  reaches: ['accepted', 'malformed', 'signature-invalid', 'certificate-malformed'],
  prepare: () => ({
    valid: [CORPUS.checkpoint, CORPUS.witness].map((value) => JSON.stringify(value)),
    mutate: (text, choice, other) => {
      if (choice.oneIn(2)) return mutateJson(text, choice, other);
      const jws = choice.of([CORPUS.checkpoint.checkpoint, CORPUS.witness.cosignature]);
      return text.replace(jws, () => mutateJws(jws, choice, CORPUS.checkpoint.checkpoint));
    },
    judge: (text) =>
      judgingLater(
        CODES,
        () => verified(text),
        (jws) => {
          const known: readonly string[] = [CORPUS.checkpoint.checkpoint, CORPUS.witness.cosignature];
          demand(known.includes(jws), 'a changed signature verifies');
        },
      ),
  }),
};
