/** The argument of `command`, before any cryptography. */

import { checkFrame, decodeFrame } from '../../../dms/intake/check-frame.ts';
import { encodeBase64url } from '../../../shared/bytes.ts';
import { MAX_ENVELOPE_BYTES } from '../../../shared/wire/limits.ts';
import { CORPUS } from '../corpus.ts';
import { mutateText } from '../mutate-text.ts';
import { demand, judging, type Target } from '../target.ts';

const NO_TEXT = [
  undefined,
  null,
  0,
  Number.NaN,
  true,
  [],
  {},
  ['QQ'],
  new Uint8Array(9),
  new Map(),
  1n,
  Symbol.iterator,
];

export const frame: Target<unknown> = {
  name: 'frame',
  reaches: ['accepted', 'malformed', 'frame-too-large'],
  prepare: () => ({
    valid: CORPUS.sealed,
    mutate: (input, choice, other) => {
      if (typeof input !== 'string' || choice.oneIn(30)) return choice.of(NO_TEXT);
      return mutateText(input, choice, String(other));
    },
    judge: (input) =>
      judging(
        ['malformed', 'frame-too-large'],
        () => decodeFrame(checkFrame(input)),
        (bytes) => {
          demand(encodeBase64url(bytes) === input, 'two texts of the same bytes');
          demand(input.length <= MAX_ENVELOPE_BYTES, 'it is longer than a frame may be');
        },
      ),
  }),
};
