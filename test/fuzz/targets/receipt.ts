/** A receipt: shown with anything changed, it no longer shows that the command is in the journal. */
import { isDeepStrictEqual } from 'node:util';
import { utf8 } from '../../../shared/bytes.ts';
import { parseJws } from '../../../shared/crypto/jws.ts';
import { ProtocolError } from '../../../shared/errors.ts';
import type { Checkpoint } from '../../../shared/journal/checkpoint.ts';
import { verifyReceipt } from '../../../shared/journal/receipt.ts';
import { parseCertificate } from '../../../shared/pki/verify-certificate.ts';
import { parseStrictJson } from '../../../shared/strict-json.ts';
import { CheckpointClaims, Receipt } from '../../../shared/wire/log.ts';
import { CORPUS } from '../corpus.ts';
import { mutateJson } from '../mutate-json.ts';
import { demand, judging, type Target } from '../target.ts';

interface Input {
  readonly text: string;
  /** Which of the commands it is to be of. */
  readonly of: number;
}

/** The newest checkpoint, verified; the older receipts have one of their own. */
const checkpoints = CORPUS.receipts.map(({ receipt }): Checkpoint => {
  const { house, size, root, time } = parseJws(receipt.checkpoint, 'checkpoint+jwt', CheckpointClaims).claims;
  const signed = { ...CORPUS.checkpoint, checkpoint: receipt.checkpoint };
  const node = parseCertificate(CORPUS.certificates['dms-node']);
  return { house, size, root: new Uint8Array(Buffer.from(root, 'base64url')), time, signed, node };
});

function judge({ text, of }: Input): string {
  const { receipt: known, recording } = CORPUS.receipts[of]!;
  let receipt: Receipt | undefined;
  const read = () => {
    const parsed = Receipt.safeParse(parseStrictJson(utf8.encode(text)));
    if (!parsed.success) throw new ProtocolError('malformed');
    receipt = parsed.data;
    return verifyReceipt(receipt, recording, checkpoints[of]!);
  };
  return judging(['malformed', 'receipt-invalid'], read, () => {
    const [shown, meant] = [receipt!, known].map(({ record, commitment, path }) => ({ record, commitment, path }));
    demand(isDeepStrictEqual(shown, meant), 'a changed receipt verifies');
  });
}

export const receipt: Target<Input> = {
  name: 'receipt',
  reaches: ['accepted', 'malformed', 'receipt-invalid'],
  prepare: () => ({
    valid: CORPUS.receipts.map(({ receipt: valid }, of) => ({ text: JSON.stringify(valid), of })),
    mutate: (input, choice, other) => {
      if (choice.oneIn(20)) return { ...input, of: other.of };
      if (!choice.oneIn(4)) return { ...input, text: mutateJson(input.text, choice, other.text) };
      // The record is JSON in a text of JSON.
      const { record } = CORPUS.receipts[input.of]!.receipt;
      return {
        ...input,
        text: input.text.replace(JSON.stringify(record), () => JSON.stringify(mutateJson(record, choice, record))),
      };
    },
    judge,
  }),
};
