/** The address of a PostgreSQL journal: one database, on one server or on several of which one is the primary. */

const FORM = /^(postgres(?:ql)?:\/\/)(?:([^@/?#]*)@)?([^/?#]*)(\/[^?#]+)(\?[^#]*)?$/;
/** Parameters whose values are secret or say where secrets are. */
const SECRET_PARAMETER = /([?&](?:password|sslpassword|sslkey|sslcert|passfile)=)[^&]*/gi;

/** Whether a text has the form `postgres://[user[:password]@]host[:port][,host[:port]…]/database[?parameters]`. */
export function isPostgresUrl(text: string): boolean {
  return FORM.test(text);
}

/** The address of each server in turn, in the order given. */
export function serverUrls(url: string): string[] {
  const [, scheme = '', user, hosts = '', path = '', parameters = ''] = FORM.exec(url) ?? [];
  const login = user === undefined ? '' : `${user}@`;
  return hosts.split(',').map((host) => `${scheme}${login}${host}${path}${parameters}`);
}

/** The address as it may be shown: without a password. */
export function redactPostgresUrl(url: string): string {
  const [, scheme = '', user, hosts = '', path = '', parameters = ''] = FORM.exec(url) ?? [];
  const [name, password] = user?.split(':', 2) ?? [];
  const login = name === undefined ? '' : `${name}${password === undefined ? '' : ':…'}@`;
  return `${scheme}${login}${hosts}${path}${parameters.replace(SECRET_PARAMETER, '$1…')}`;
}
