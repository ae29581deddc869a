/** What keeps a server from starting, and what the operator should do about it. */

/** A start that can't go on. The message is a sentence for the operator; nothing of it goes over the network. */
export class StartError extends Error {
  override readonly name = 'StartError';
}
