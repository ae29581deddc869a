/**
 * `gavel rotate`: has a running Trusted Service rotate one of its keys, or says how they stand. With `--root-key` the root
 * certifies the next issuing CA here: its key is read, used once, and never leaves this process.
 */
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { type CommandIo, type CommandOption, complain, EXIT } from '../../shared/command-io.ts';
import type { TrustedServiceClient } from '../../shared/http-client.ts';
import { openCertificationRequest } from '../../shared/pki/certification-request.ts';
import { type Certificate, verifyRoot } from '../../shared/pki/verify-certificate.ts';
import { readSecretFile } from '../../shared/private-folder.ts';
import { StartError } from '../../shared/start-error.ts';
import { RotateRequest, RotationRole, type RotationState } from '../../shared/wire/key-rotation.ts';
import { certifyIssuingCa } from '../rotation/certify-issuing-ca.ts';
import { asOperator, CONNECTION_OPTIONS, type ConnectionOptions } from './service-connection.ts';

/** As they were typed. */
export interface RotateOptions extends ConnectionOptions {
  readonly now?: boolean;
  readonly rootKey?: string;
  readonly json?: boolean;
}

export const ROTATE_OPTIONS: readonly CommandOption[] = [
  { flags: '--now', help: 'for a stolen key: use the next one at once, and let the former one be refused' },
  { flags: '--root-key <file>', help: "the root's private key, to certify the next issuing CA here" },
  { flags: '--json', help: 'JSON, on a terminal too' },
  ...CONNECTION_OPTIONS,
];

/** Rotates the key that `typed` names; without one it only tells how the keys stand. Resolves with the exit code. */
export async function runRotate(typed: string | undefined, options: RotateOptions, io: CommandIo): Promise<number> {
  try {
    const role = parseRole(typed, options);
    const state = await asOperator(options, io.env, (client, root) => rotate(role, options, client, root));
    const isJson = options.json === true || io.stdout.isTTY !== true;
    io.stdout.write(isJson ? `${JSON.stringify(state)}\n` : describe(state));
    return EXIT.done;
  } catch (error) {
    return complain(error, io);
  }
}

function parseRole(typed: string | undefined, { rootKey, now }: RotateOptions): RotationRole | undefined {
  if (typed === undefined && (rootKey !== undefined || now === true)) {
    throw new StartError(`Say which key: ${RotationRole.options.join(', ')}.`);
  }
  if (typed === undefined) return undefined;
  const { data: role } = RotationRole.safeParse(typed);
  if (role === undefined) throw new StartError(`The key must be one of ${RotationRole.options.join(', ')}.`);
  if (rootKey !== undefined && role !== 'issuing-ca') throw new StartError('--root-key is for the issuing-ca alone.');
  return role;
}

async function rotate(
  role: RotationRole | undefined,
  { now = false, rootKey }: RotateOptions,
  client: TrustedServiceClient,
  root: Certificate,
): Promise<RotationState> {
  if (role === undefined) return client.rotation();
  if (rootKey === undefined) return client.rotate({ role, now });
  // Before the service is asked for anything.
  const key = loadRootKey(rootKey, root);
  const { request } = await client.rotate({ role, request: true });
  // The next one was certified before, and waits for its turn.
  if (request === undefined) return client.rotate({ role, now });
  const { csr, notBefore, notAfter } = request;
  const { publicKey } = openCertificationRequest(csr);
  const { pem } = await certifyIssuingCa({ root: verifyRoot(root.pem), rootKey: key, publicKey, notBefore, notAfter });
  return client.rotate(RotateRequest.parse({ role, now, certificate: pem }));
}

function loadRootKey(path: string, root: Certificate) {
  const pem = readSecretFile(path);
  if (pem === undefined) throw new StartError(`There is no file ${path}.`);
  const key = parseKey(pem, path);
  if (createPublicKey(key).equals(root.publicKey)) return key;
  throw new StartError(`${path} is not the key of the root of this service.`);
}

function parseKey(pem: string, path: string) {
  try {
    return createPrivateKey(pem);
  } catch (cause) {
    // OpenSSL's words about it help nobody.
    throw new StartError(`${path} holds no private key.`, { cause });
  }
}

function describe({ rootKeyAtHand, roles }: RotationState): string {
  const lines = roles.flatMap(({ role, dueAt, keys }) => [
    `${role}, due ${dateOf(dueAt)}`,
    ...keys.map(({ kid, state, since, notAfter }) => {
      const end = notAfter === undefined ? '' : `, ends ${dateOf(notAfter)}`;
      return `  ${state.padEnd(7)} ${kid} since ${dateOf(since)}${end}`;
    }),
  ]);
  return [...lines, `root key at the service: ${rootKeyAtHand ? 'yes' : 'no'}`, ''].join('\n');
}

function dateOf(time: number): string {
  return new Date(time).toISOString();
}
