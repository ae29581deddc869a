/** Where the operator's token comes from, for whoever sets a simulated clock: never from the command line itself. */
import { readSecretFile } from '../shared/secret-file.ts';
import { secretFrom } from '../shared/settings.ts';
import { StartError } from '../shared/start-error.ts';
import { ClientError } from './client-error.ts';
import type { Environment } from './environment.ts';

/** From the file that is named, or from the variable or its file. Throws `option-malformed`. */
export function findOperatorToken(file: string | undefined, env: Environment): string | undefined {
  try {
    if (file !== undefined) return readSecretFile(file, '--operator-token-file');
    return secretFrom(env, 'GAVEL_OPERATOR_TOKEN');
  } catch (error) {
    // Not there, not readable, or readable for others: its message says which.
    if (error instanceof StartError) throw new ClientError('option-malformed', error.message, { cause: error });
    throw error;
  }
}
