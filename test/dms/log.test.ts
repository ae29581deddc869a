import { describe, expect, it } from 'vitest';
import { createLog } from '../../dms/log.ts';

describe('the log', () => {
  it('is one line of JSON each, whatever is in it', () => {
    const lines: string[] = [];
    createLog({ write: (line) => void lines.push(line) }).info({ detail: 'a\n{"level":60}\u001b[2J' }, 'one\ntwo');
    expect(lines).toHaveLength(1);
    const line = lines[0]!.trimEnd();
    expect([line.includes('\n'), line.includes('\u001b')]).toEqual([false, false]);
  });

  it('leaves out what proves or opens something, or says who somebody is', () => {
    const lines: string[] = [];
    const log = createLog({ write: (line) => void lines.push(line) });
    for (const field of ['token', 'proof', 'certificate', 'statement', 'subject', 'operatorToken', 'sealed']) {
      log.info({ [field]: 'planted', inner: { [field]: 'planted', deep: { [field]: 'planted' } } });
    }
    expect(lines.join('')).not.toContain('planted');
  });
});
