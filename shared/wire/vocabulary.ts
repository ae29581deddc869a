/** The words of the protocol: each a checked form and a type that nothing unchecked fits. */
import { z } from 'zod';
import { utf8 } from '../bytes.ts';
import {
  MAX_AMOUNT,
  MAX_CERTIFICATE_PEM_CHARACTERS,
  MAX_DESCRIPTION_BYTES,
  MAX_DESCRIPTION_CHARACTERS,
  MAX_JWS_BYTES,
  MAX_TITLE_CHARACTERS,
} from './limits.ts';

/** 43 characters hold 258 bits, so the last one has two to spare: they are zero, and the bytes have no second form. */
const CANONICAL_32_BYTES = /^[\w-]{42}[AEIMQUYcgkosw048]$/;

/** 32 bytes in base64url: a digest, a nonce, a raw X25519 key. */
export const Bytes32 = z.string().regex(CANONICAL_32_BYTES, 'must be 32 bytes in base64url');
/** A SHA-256 digest. */
export const Digest = Bytes32.brand<'Digest'>();
export type Digest = z.infer<typeof Digest>;

/** A participant's permanent identifier: the RFC 7638 thumbprint of the identity key. Never shown to another participant. */
export const Subject = Bytes32.brand<'Subject'>();
export type Subject = z.infer<typeof Subject>;

/** The name under which one announcement speaks of a participant; fresh for each, so that no two can be linked. */
export const Pseudonym = z.uuidv4().brand<'Pseudonym'>();
export type Pseudonym = z.infer<typeof Pseudonym>;

/** A command's own identifier, drawn by the client; what makes a repeat harmless. */
export const CommandId = z.uuidv4().brand<'CommandId'>();
export type CommandId = z.infer<typeof CommandId>;

/** A lot's identifier: the id of the command that listed it. */
export const LotId = z.uuidv4().brand<'LotId'>();
export type LotId = z.infer<typeof LotId>;

/** One journal and the nodes that share it. */
export const HouseId = z.uuidv4().brand<'HouseId'>();
export type HouseId = z.infer<typeof HouseId>;

/** One admitted connection. */
export const SessionId = z.uuidv4().brand<'SessionId'>();
export type SessionId = z.infer<typeof SessionId>;

/** Integer milliseconds since the Unix epoch, UTC; up to the year 9999. */
export const Instant = z.int().min(0).max(253_402_300_799_999).brand<'Instant'>();
export type Instant = z.infer<typeof Instant>;

/** Minor units of the lot's currency (cents, where it has cents); never a float, never zero. */
export const Amount = z.int().min(1).max(MAX_AMOUNT).brand<'Amount'>();
export type Amount = z.infer<typeof Amount>;

/** An ISO 4217 code. */
export const Currency = z
  .string()
  .regex(/^[A-Z]{3}$/, 'must be three capital letters, such as EUR')
  .brand<'Currency'>();
export type Currency = z.infer<typeof Currency>;

/** A record's place in the journal: 1, 2, 3, … without a gap; 0 stands before the first. */
export const Position = z.int().min(0).brand<'Position'>();
export type Position = z.infer<typeof Position>;

/** A number in the total order of the timestamp authority. */
export const Serial = z.int().min(0).brand<'Serial'>();
export type Serial = z.infer<typeof Serial>;

/** `real` time, or time that an operator can set. */
export const ClockKind = z.enum(['real', 'simulated']);
export type ClockKind = z.infer<typeof ClockKind>;

/** A JWS in compact form; what is inside is for its verifier to say. */
export const CompactJws = z.string().max(MAX_JWS_BYTES).brand<'CompactJws'>();
export type CompactJws = z.infer<typeof CompactJws>;

/** One certificate as PEM (RFC 7468). */
export const CertificatePem = z.string().max(MAX_CERTIFICATE_PEM_CHARACTERS).brand<'CertificatePem'>();
export type CertificatePem = z.infer<typeof CertificatePem>;

/** Control, format, surrogate, private and unassigned characters, line and paragraph separators: what could paint a terminal. */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/u;
/** The same, line breaks allowed. */
const UNPRINTABLE_BUT_LINE_BREAK = /[^\P{C}\n]|[\p{Zl}\p{Zp}]/u;

const characters = (text: string) => [...text].length;
const isNfc = (text: string) => text.normalize('NFC') === text;

/** A lot's title: one printable line in NFC. */
export const Title = z
  .string()
  .max(2 * MAX_TITLE_CHARACTERS)
  .refine((text) => characters(text) <= MAX_TITLE_CHARACTERS, `must have at most ${MAX_TITLE_CHARACTERS} characters`)
  .refine((text) => text.trim() === text && text.length > 0, 'must not be empty or begin or end with a blank')
  .refine((text) => !UNPRINTABLE.test(text), 'must have no control or format characters')
  .refine(isNfc, 'must be in Unicode normal form C');

/** A lot's description: printable text with line breaks, in NFC. */
export const Description = z
  .string()
  .max(2 * MAX_DESCRIPTION_CHARACTERS)
  .refine(
    (text) => characters(text) <= MAX_DESCRIPTION_CHARACTERS,
    `must have at most ${MAX_DESCRIPTION_CHARACTERS} characters`,
  )
  .refine(
    (text) => utf8.encode(text).length <= MAX_DESCRIPTION_BYTES,
    `must have at most ${MAX_DESCRIPTION_BYTES} bytes in UTF-8`,
  )
  .refine((text) => !UNPRINTABLE_BUT_LINE_BREAK.test(text), 'must have no control or format characters')
  .refine(isNfc, 'must be in Unicode normal form C');
