/** What tests assert about a complaint: its code, never its text. */
import { ClientError } from '../../client/client-error.ts';

/** The code with which a call complained; `undefined` if it did not. Every other error fails the test. */
export function complaintBy(call: () => unknown): string | undefined {
  try {
    call();
    return undefined;
  } catch (error) {
    if (error instanceof ClientError) return error.code;
    throw error;
  }
}

/** The same of a promise. */
export async function complaintOfPromise(promise: Promise<unknown>): Promise<string | undefined> {
  try {
    await promise;
    return undefined;
  } catch (error) {
    if (error instanceof ClientError) return error.code;
    throw error;
  }
}
