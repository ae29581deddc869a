/** The public log as a stranger reads it: HTTPS, and nothing but the root. */
import { request } from 'node:https';

export interface LogReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: the tests look into answers whose form is what they are about
  readonly body: any;
}

export function readLog(
  { dmsUrl, root }: { readonly dmsUrl: string; readonly root: { readonly pem: string } },
  path: string,
  headers: Record<string, string> = {},
): Promise<LogReply> {
  const { promise, resolve, reject } = Promise.withResolvers<LogReply>();
  const sent = request(new URL(path, dmsUrl), { ca: root.pem, agent: false, headers }, async (reply) => {
    const chunks: Buffer[] = [];
    for await (const chunk of reply) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    const body = text === '' ? undefined : JSON.parse(text);
    resolve({ status: reply.statusCode ?? 0, headers: reply.headers, text, body });
  });
  sent.on('error', reject).end();
  return promise;
}
