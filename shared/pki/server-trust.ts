/** Whom a connection trusts: a server of one profile under a root, or, for fetching that root, anybody. */
import type { Certificate } from './certificate.ts';

export type ServerProfile = 'trusted-service-tls' | 'dms-node';

export type ServerTrust = { readonly root: Certificate; readonly profile: ServerProfile } | 'anybody';
