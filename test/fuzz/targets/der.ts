/** The DER reader: whatever it reads can be written from what it read, to the same bytes. */
import { equalBytes } from '../../../shared/bytes.ts';
import { type DerElement, DerError, parseDer } from '../../../shared/pki/der.ts';
import { encodeDer } from '../../../shared/pki/encode-der.ts';
import { parseCertificate } from '../../../shared/pki/verify-certificate.ts';
import { CORPUS, fromBase64 } from '../corpus.ts';
import { mutateDer } from '../mutate-der.ts';
import { demand, type Target } from '../target.ts';

const CONSTRUCTED = 0x20;

function written({ tag, content, children }: DerElement): Uint8Array {
  return (tag & CONSTRUCTED) === 0 ? encodeDer(tag, content) : encodeDer(tag, ...children.map(written));
}

function depthOf({ children }: DerElement): number {
  return 1 + children.reduce((deepest, child) => Math.max(deepest, depthOf(child)), 0);
}

function judge(bytes: Uint8Array): string {
  let element: DerElement;
  try {
    element = parseDer(bytes);
  } catch (error) {
    if (error instanceof DerError) return 'refused';
    throw error;
  }
  demand(equalBytes(written(element), bytes), 'two forms of one value');
  demand(depthOf(element) <= 13, 'it is deeper than anything of ours');
  return 'accepted';
}

export const der: Target<Uint8Array> = {
  name: 'der',
  reaches: ['accepted', 'refused'],
  prepare: () => ({
    valid: [
      parseCertificate(CORPUS.certificates['dms-node']).der,
      fromBase64(CORPUS.lists[0]!),
      fromBase64(CORPUS.queries[1]!),
      fromBase64(CORPUS.reply.der),
    ],
    mutate: mutateDer,
    judge,
  }),
};
