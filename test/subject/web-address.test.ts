import { describe, expect, test } from 'vitest';
import { LONGEST_ADDRESS, webAddressOf } from '../../src/subject/web-address.ts';

const long = (characters: number) => `https://example.com/${'a'.repeat(characters - 'https://example.com/'.length)}`;

describe('a web address is kept as the URL Standard writes it', () => {
  test.each([
    ['https://example.com/a.png', 'https://example.com/a.png'],
    ['HTTP://Example.COM', 'http://example.com/'],
    ['https://example.com:443/a', 'https://example.com/a'],
    ['https://example.com/a/../b', 'https://example.com/b'],
    ['https://bücher.example/ü', 'https://xn--bcher-kva.example/%C3%BC'],
    ['https://example.com/?q=a"b', 'https://example.com/?q=a%22b'],
    ['https://[2001:db8::1]/', 'https://[2001:db8::1]/'],
    ['https://example.com/#part', 'https://example.com/#part'],
    // signs that no URI has: written so that one does, but for those that the standard leaves alone
    ['https://example.com/a\\b', 'https://example.com/a/b'],
    ['https://example.com/<a>{b}`c', 'https://example.com/%3Ca%3E%7Bb%7D%60c'],
    ['https://example.com/a|b', 'https://example.com/a|b'],
    ['https://example.com/100%', 'https://example.com/100%'],
    ['https://example.com/blah_(a)_b?q=%20', 'https://example.com/blah_(a)_b?q=%20'],
    ['http://xn--nw2a.xn--j6w193g/', 'http://xn--nw2a.xn--j6w193g/'],
    [long(LONGEST_ADDRESS), long(LONGEST_ADDRESS)],
  ])('%s', (text, kept) => {
    expect(webAddressOf(text)).toBe(kept);
    expect(webAddressOf(kept)).toBe(kept);
  });

  test.each([
    ['', 'nothing'],
    ['example.com', 'no scheme'],
    ['//example.com/a', 'no scheme'],
    ['/a.png', 'a path'],
    ['ftp://example.com/a', 'another scheme'],
    ['ldap://[2001:db8::7]/c=GB', 'a directory'],
    ['mailto:nia@example.com', 'a mailbox'],
    ['tel:+1-816-555-1212', 'a telephone number'],
    ['urn:example:a:b', 'a name'],
    ['1http://example.com', 'a scheme that begins with a digit'],
    ['javascript:alert(1)', 'a script'],
    ['data:image/png;base64,AA', 'data'],
    ['http:example.com', 'no slashes'],
    ['https://', 'no host'],
    ['https://user@example.com/', 'a user name'],
    ['https://user:word@example.com/', 'a password'],
    ['https://:word@example.com/', 'a password alone'],
    ['https://example.com/a b', 'a space'],
    [' https://example.com/', 'a space before'],
    ['https://example.com/a\nb', 'a line break'],
    ['https://exa\tmple.com/', 'a tab'],
    ['https://example.com/\u0000', 'a control character'],
    ['https://example.com:99999/', 'a port that there is not'],
    ['https://exa mple.com/', 'a host that there can’t be'],
    ['http://087.10.0.1/', 'an IPv4 address with a digit that is not octal'],
    ['http://999.999.999.999/', 'an IPv4 address that there is not'],
    ['http://[::ffff:01.2.3.4]', 'an IPv6 address with a zero before a number'],
    ["http://-.~_!$&'()*+,;=:%40:80%2f::::::@example.com", 'a user name of many signs'],
    [long(LONGEST_ADDRESS + 1), 'too many characters'],
    [`https://example.com/${'ü'.repeat(1_000)}`, 'too many characters once it is written anew'],
  ])('%j is none: %s', (text) => {
    expect(webAddressOf(text)).toBeNull();
  });
});

test('an address that is read stays the same when it is read again', () => {
  const refused = Array.from({ length: 20_000 }, () => webAddressOf('https://bücher.example/ü')).filter(
    (address) => address === null,
  );
  expect(refused).toEqual([]);
});
