/** Every file below a folder, with its bytes: what somebody finds who gets hold of the disk. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

export interface FoundFile {
  readonly path: string;
  readonly bytes: Buffer;
}

export function filesIn(folder: string): FoundFile[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => ({ path, bytes: readFileSync(path) }));
}

/** The paths of the files that hold this text, as it is or in base64 at any offset, base64url or hexadecimal. */
export function filesWith(files: readonly FoundFile[], secret: string | Uint8Array): string[] {
  const needles = formsOf(Buffer.from(secret));
  return files.filter(({ bytes }) => needles.some((needle) => bytes.includes(needle))).map(({ path }) => path);
}

/** The ways in which bytes may stand in a file or a frame. */
export function formsOf(secret: Buffer): (Buffer | string)[] {
  return [secret, secret.toString('hex'), ...inBase64(secret, 'base64'), ...inBase64(secret, 'base64url')];
}

/** Base64 of a longer text that holds the secret: what is the same whichever of the three offsets it has there. */
function inBase64(secret: Buffer, encoding: 'base64' | 'base64url'): string[] {
  return [0, 1, 2].map((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), secret])
      .toString(encoding)
      .replaceAll('=', '');
    const last = (offset + secret.length) % 3 === 0 ? text.length : text.length - 1;
    return text.slice(offset === 0 ? 0 : offset + 1, last);
  });
}

/** The same and one layer deeper: base64 of what holds it in base64, as the claims of a JWS that is encoded once more. */
export function nestedFormsOf(secret: Buffer): (Buffer | string)[] {
  return [
    ...formsOf(secret),
    ...inBase64(secret, 'base64url').flatMap((text) => inBase64(Buffer.from(text), 'base64url')),
  ];
}
