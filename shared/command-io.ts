/** What the operator's commands have in common: how they are declared, where they write, and what they tell the shell. */
import { adviceFor, ProtocolError, type RefusalCode } from './errors.ts';
import { StartError } from './start-error.ts';

/** One option, for the program's own parser and its help. Without flags it is a variable alone. */
export interface CommandOption {
  readonly flags?: string;
  readonly help: string;
  readonly variable?: string;
  /** A secret, which may also come from the file that its variable with `_FILE` behind it names. */
  readonly secret?: true;
}

/** The process, as a command sees it. */
export interface CommandIo {
  readonly stdout: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly stderr: NodeJS.WritableStream;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The same numbers for the same things as those of the client. */
export const EXIT = { done: 0, failure: 1, usage: 2, notAuthorised: 4, unreachable: 5, untrusted: 6 } as const;

const REFUSAL_EXITS: { readonly [Code in RefusalCode]?: number } = {
  'operator-token-required': EXIT.notAuthorised,
  'trusted-service-unreachable': EXIT.unreachable,
  'clock-stepped': EXIT.unreachable,
  'state-unwritable': EXIT.unreachable,
  'signer-expired': EXIT.unreachable,
  'shutting-down': EXIT.unreachable,
  'peer-untrusted': EXIT.untrusted,
  'certificate-malformed': EXIT.untrusted,
  'certificate-untrusted': EXIT.untrusted,
};

/** Says what ended a command, and gives its exit code. What is no refusal is a mistake of ours and is thrown on. */
export function complain(error: unknown, { stderr }: CommandIo): number {
  if (!(error instanceof ProtocolError || error instanceof StartError)) throw error;
  if (error instanceof StartError) {
    stderr.write(`${error.message}\n`);
    return EXIT.usage;
  }
  stderr.write(`${error.message}. ${adviceFor(error.code)}\n`);
  return REFUSAL_EXITS[error.code] ?? EXIT.failure;
}
