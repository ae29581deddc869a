/** The certification request: changed on its way, and with other contents that its own key signed. */
import { equalBytes } from '../../../shared/bytes.ts';
import { openCertificationRequest } from '../../../shared/pki/certification-request.ts';
import { decodePem, encodePem } from '../../../shared/pki/pem.ts';
import { MAX_CSR_PEM_CHARACTERS } from '../../../shared/wire/limits.ts';
import { CORPUS, privateKeyOf, publicKeyOf } from '../corpus.ts';
import { mutateDer, twinOf } from '../mutate-der.ts';
import { mutateText } from '../mutate-text.ts';
import { certifiedAgain } from '../sign-again.ts';
import { demand, judging, type Target } from '../target.ts';

type Input = { readonly pem: string } | { readonly der: Uint8Array; readonly signedAgain: boolean };

const label = 'CERTIFICATE REQUEST';
const ders = CORPUS.csrs.map((pem) => decodePem(label, pem, MAX_CSR_PEM_CHARACTERS)!);
const [key, publicKey] = [privateKeyOf('participant'), publicKeyOf('participant')];

function judge(input: Input): string {
  const again = 'der' in input && input.signedAgain;
  const der = again ? certifiedAgain(input.der, key) : 'der' in input ? input.der : undefined;
  const pem = 'pem' in input ? input.pem : encodePem(label, der!);
  return judging(
    ['csr-invalid'],
    () => openCertificationRequest(pem),
    (request) => {
      const bytes = decodePem(label, pem, MAX_CSR_PEM_CHARACTERS)!;
      // A request proves who holds the key, now; which of its two signatures it has does not matter.
      const isKnown = ders.some((known) => equalBytes(bytes, known) || equalBytes(bytes, twinOf(known)));
      if (!again) demand(isKnown, 'a changed request verifies');
      demand(request.publicKey.equals(publicKey), 'it is of another key than signed it');
      demand((request.agreementKey?.length ?? 32) === 32, 'the agreement key has another length');
      demand(
        Object.keys(request).every((name) => ['publicKey', 'subject', 'agreementKey'].includes(name)),
        'more was taken from it',
      );
    },
  );
}

export const csr: Target<Input> = {
  name: 'csr',
  reaches: ['accepted', 'csr-invalid'],
  prepare: () => ({
    valid: [
      ...CORPUS.csrs.map((pem) => ({ pem })),
      ...ders.flatMap((der) => [
        { der, signedAgain: false },
        { der, signedAgain: true },
      ]),
    ],
    mutate: (input, choice, other) => {
      if ('pem' in input) return { pem: mutateText(input.pem, choice, 'pem' in other ? other.pem : '') };
      return { ...input, der: mutateDer(input.der, choice, 'der' in other ? other.der : ders[0]!) };
    },
    judge,
  }),
};
