/** One certificate in PEM: of whatever blanks it came with, nothing is left. */
import { equalBytes } from '../../../shared/bytes.ts';
import { decodePem } from '../../../shared/pki/pem.ts';
import { parseCertificate } from '../../../shared/pki/verify-certificate.ts';
import { MAX_CERTIFICATE_PEM_CHARACTERS } from '../../../shared/wire/limits.ts';
import { ALL_PROFILES } from '../../support/test-authority.ts';
import { CORPUS } from '../corpus.ts';
import { mutateText } from '../mutate-text.ts';
import { demand, judging, type Target } from '../target.ts';

const pems: readonly string[] = ALL_PROFILES.map((profile) => CORPUS.certificates[profile]);

export const pem: Target<string> = {
  name: 'pem',
  reaches: ['accepted', 'certificate-malformed'],
  prepare: () => ({
    valid: pems,
    mutate: (text, choice, other) =>
      choice.oneIn(6)
        ? text.replaceAll('\n', choice.of(['\r\n', '\r', ' ', '\n\n', '']))
        : mutateText(text, choice, other),
    judge: (text) =>
      judging(
        ['certificate-malformed'],
        () => parseCertificate(text),
        (certificate) => {
          demand(text.length <= MAX_CERTIFICATE_PEM_CHARACTERS, 'it is longer than it may be');
          demand(
            equalBytes(decodePem('CERTIFICATE', certificate.pem, text.length + 80)!, certificate.der),
            'it is written as another one',
          );
          const joined = (lines: string) => lines.trim().replaceAll(/\r?\n/g, '');
          demand(joined(text) === joined(certificate.pem), 'more than its line breaks is another');
          // Its bytes may be anybody's; of ours, the text that is kept is always the same.
          const known = pems.find((kept) => equalBytes(parseCertificate(kept).der, certificate.der));
          if (known !== undefined) demand(certificate.pem === known, 'two texts of one certificate are kept');
        },
      ),
  }),
};
