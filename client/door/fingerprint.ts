/** A root's fingerprint as people compare it: in groups, some of it or all of it typed back. */

const GROUPS_IN_ROW = 8;
/** Two groups: what somebody who made another root would have to hit by chance, once in four billion tries. */
const LEAST_DIGITS = 8;

/** What somebody said who was asked to compare. `unclear` is neither yes nor no, nor a part of any fingerprint. */
export type Comparison = 'same' | 'differs' | 'another-address' | 'unclear';

/** 64 hexadecimal digits as two rows of eight groups. */
export function fingerprintRows(hex: string): readonly string[] {
  const groups = hex.match(/.{1,4}/g) ?? [];
  const rows: string[] = [];
  for (let at = 0; at < groups.length; at += GROUPS_IN_ROW) rows.push(groups.slice(at, at + GROUPS_IN_ROW).join(' '));
  return rows;
}

/** Takes `y`, `n`, the whole fingerprint however it is written, or its beginning or end of eight digits or more. */
export function compareFingerprint(typed: string, hex: string): Comparison {
  const text = typed.trim().toLowerCase();
  if (text === 'y' || text === 'yes') return 'same';
  if (text === 'n' || text === 'no') return 'another-address';
  const digits = text.replace(/^"?(root"?:\s*"?)?sha256:/, '').replaceAll(/[\s:"…]/g, '');
  if (!/^[0-9a-f]+$/.test(digits) || digits.length < LEAST_DIGITS) return 'unclear';
  return hex.startsWith(digits) || hex.endsWith(digits) ? 'same' : 'differs';
}
