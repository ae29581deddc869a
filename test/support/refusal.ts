/** What tests assert about a refusal: its code, never its text. */
import { ProtocolError } from '../../shared/errors.ts';

/** The code with which a promise was refused; `undefined` if it was not. What is no refusal fails the test. */
export async function refusalOf(promise: Promise<unknown>): Promise<string | undefined> {
  try {
    await promise;
    return undefined;
  } catch (error) {
    if (error instanceof ProtocolError) return error.code;
    throw error;
  }
}

/** The same of a plain call. */
export function codeThrownBy(call: () => unknown): string | undefined {
  try {
    call();
    return undefined;
  } catch (error) {
    if (error instanceof ProtocolError) return error.code;
    throw error;
  }
}
