import { describe, expect, it } from 'vitest';
import { isPostgresUrl, redactPostgresUrl, serverUrls } from '../../../dms/journal/postgres-url.ts';

describe('the address of a journal in PostgreSQL', () => {
  it('names one server or several, each of which is asked with the same login and parameters', () => {
    expect(serverUrls('postgres://gavel:word@a:5432,b/house?sslmode=require')).toEqual([
      'postgres://gavel:word@a:5432/house?sslmode=require',
      'postgres://gavel:word@b/house?sslmode=require',
    ]);
    expect(serverUrls('postgresql://[::1]:5432/house')).toEqual(['postgresql://[::1]:5432/house']);
  });

  it.each([
    ['postgres://gavel:word@a:5432,b/house', 'postgres://gavel:…@a:5432,b/house'],
    ['postgres://gavel:word:word@a/house', 'postgres://gavel:…@a/house'],
    ['postgres://gavel@a/house', 'postgres://gavel@a/house'],
    ['postgres://a/house', 'postgres://a/house'],
    [
      'postgres://a/house?user=gavel&password=word&sslmode=require',
      'postgres://a/house?user=gavel&password=…&sslmode=require',
    ],
    ['postgres://a/house?sslkey=/word&sslpassword=word', 'postgres://a/house?sslkey=…&sslpassword=…'],
  ])('%s is shown as %s', (url, shown) => {
    expect(isPostgresUrl(url)).toBe(true);
    expect(redactPostgresUrl(url)).toBe(shown);
    expect(shown).not.toContain('word:');
  });

  it.each([
    '',
    'postgres://',
    'postgres://a',
    'postgres://a/',
    'mysql://a/house',
    'sqlite:house',
    'postgres://a/house#x',
  ])('is not %j', (text) => {
    expect(isPostgresUrl(text)).toBe(false);
  });
});
