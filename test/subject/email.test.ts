import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isEmailAddress, mailboxKey } from '../../src/subject/email.ts';

const LONG_DOMAIN = `${Array.from({ length: 4 }, () => 'd'.repeat(45)).join('.')}.example`;

describe('one mailbox', () => {
  test.each([
    { name: 'a local part and a domain', address: 'joe.bloggs@example.com' },
    { name: 'every sign that an atom may have', address: "!#$%&'*+-/=?^_`{|}~@example.com" },
    { name: 'letters of both cases', address: 'John.SMITH@Example.COM' },
    { name: 'a local part of 64 octets', address: `${'a'.repeat(64)}@example.com` },
    { name: 'a label of 63 octets', address: `a@${'d'.repeat(63)}.com` },
    { name: 'a quoted string', address: '"joe bloggs"@example.com' },
    { name: 'a quoted string with dots and an @', address: '"joe..@bloggs"@example.com' },
    { name: 'a quoted string with quoted pairs', address: '"joe\\"\\\\"@example.com' },
    { name: 'a local part beyond ASCII', address: 'δοκιμή@example.com' },
    { name: 'a quoted string beyond ASCII', address: '"δοκιμή δ"@example.com' },
    { name: 'a local part that is not composed', address: 'cafe\u0301@example.com' },
    { name: 'a domain in U-labels', address: '실례@실례.테스트' },
    { name: 'a domain in A-labels', address: 'nia@xn--bcher-kva.example' },
    { name: 'a domain that is not composed', address: 'user@cafe\u0301.com' },
    { name: 'an IPv4 address', address: 'joe@[127.0.0.1]' },
    { name: 'an IPv6 address', address: 'joe@[IPv6:2001:db8::1]' },
    { name: 'the shortest IPv6 address', address: 'joe@[IPv6:::1]' },
    { name: 'a letter beyond the basic plane', address: '\u{1d54f}@example.com' },
  ])('may be written with $name', ({ address }) => {
    expect(isEmailAddress(address)).toBe(true);
  });

  test.each([
    { name: 'two mailboxes', address: 'a@example.com, b@example.com' },
    { name: 'two mailboxes with a semicolon', address: 'a@example.com;b@example.com' },
    { name: 'a name to display', address: 'Joe <joe@example.com>' },
    { name: 'brackets', address: '<joe@example.com>' },
    { name: 'a comment', address: 'joe@example.com (Joe)' },
    { name: 'a comment in the local part', address: 'joe(a)@example.com' },
    { name: 'a group', address: 'all: joe@example.com;' },
    { name: 'a route', address: '@a.example,@b.example:joe@example.com' },
    { name: 'NUL', address: 'jo\0e@example.com' },
    { name: 'a line feed', address: 'joe@example.com\nBcc: b@example.com' },
    { name: 'a C1 control', address: '\u0085joe@example.com' },
    { name: 'an override of direction', address: 'jo\u202ee@example.com' },
    { name: 'an isolate in the domain', address: 'joe@exa\u2066mple.com' },
    { name: 'a zero-width space', address: 'jo\u200be@example.com' },
    { name: 'a zero-width joiner', address: 'jo\u200de@example.com' },
    { name: 'a soft hyphen in the domain', address: 'joe@exa\u00admple.com' },
    { name: 'a byte order mark', address: '\ufeffjoe@example.com' },
    { name: 'a separator of lines', address: 'joe\u2028@example.com' },
    { name: 'half a character', address: 'jo\ud800e@example.com' },
    { name: 'a code point that is no character', address: 'joe\uffff@example.com' },
    { name: 'space', address: 'joe bloggs@example.com' },
    { name: 'space around it', address: ' joe@example.com ' },
    { name: 'a local part of 65 characters', address: `${'a'.repeat(65)}@example.com` },
    { name: 'a local part of 66 octets in 33 characters', address: `${'é'.repeat(33)}@example.com` },
    { name: 'more than 254 octets', address: `${'a'.repeat(64)}@${LONG_DOMAIN}` },
    { name: 'no local part', address: '@example.com' },
    { name: 'an empty quoted string', address: '""@example.com' },
    { name: 'a dot at the beginning', address: '.joe@example.com' },
    { name: 'a dot at the end', address: 'joe.@example.com' },
    { name: 'two dots', address: 'te..st@example.com' },
    { name: 'a sign that becomes two dots when normalized', address: 'te\u2025st@example.com' },
    { name: 'a sign that becomes an @ when normalized', address: 'a@b＠example.com' },
    { name: 'an @ that only looks like one', address: 'user＠example.com' },
    { name: 'an encoded word', address: '=?utf-8?q?joe?=@example.com' },
    { name: 'an encoded word in quotes', address: '"=?utf-8?b?am9l?="@example.com' },
    { name: 'no domain', address: 'joe@' },
    { name: 'no @', address: '2962' },
    { name: 'a domain without a dot', address: 'joe@localhost' },
    { name: 'a dot at the end of the domain', address: 'joe@example.com.' },
    { name: 'two dots in the domain', address: 'joe@example..com' },
    { name: 'a dot of another script', address: 'joe@example。com' },
    { name: 'a label of 64 octets', address: `a@${'d'.repeat(64)}.com` },
    { name: 'a label that begins with a hyphen', address: 'joe@-example.com' },
    { name: 'a label with a sign', address: 'joe@invalid=domain.com' },
    { name: 'an underscore in the domain', address: 'joe@exa_mple.com' },
    { name: 'an escaped domain', address: 'joe@ex%61mple.com' },
    { name: 'an A-label that is none', address: 'joe@xn--a.com' },
    { name: 'a number at the end', address: 'joe@1.2.3.4' },
    { name: 'no IPv4 address', address: 'joe@[127.0.0.300]' },
    { name: 'no IPv6 address', address: 'joe@[IPv6:1::2::3]' },
    { name: 'another literal', address: 'joe@[x400:joe]' },
  ])('is not $name', ({ address }) => {
    expect(isEmailAddress(address)).toBe(false);
  });

  test('reads the same in mail: for any text, it has no control and nothing invisible', () => {
    const part = fc.string({ unit: 'binary', minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(part, part, (local, label) => {
        const address = `${local}@${label}.example`;
        if (!isEmailAddress(address)) return;
        expect(address).not.toMatch(/[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u);
        expect(isEmailAddress(address.normalize('NFKC'))).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('a mailbox as addresses are compared', () => {
  test.each([
    { name: 'the letter case', addresses: ['John.SMITH@Example.com', 'john.smith@example.COM'] },
    { name: 'the width', addresses: ['ｐｉａ@example.com', 'pia@example.com'] },
    { name: 'the composition', addresses: ['cafe\u0301@example.com', 'café@example.com'] },
    {
      name: 'A-labels and U-labels',
      addresses: ['nia@bücher.example', 'nia@xn--bcher-kva.example', 'nia@BÜCHER.example'],
    },
    { name: 'needless quotes', addresses: ['"joe"@example.com', 'joe@example.com', '"j\\oe"@example.com'] },
  ])('does not depend on $name', ({ addresses }) => {
    expect(new Set(addresses.map(mailboxKey)).size).toBe(1);
  });

  test.each([
    ['a.b@example.com', 'ab@example.com'],
    ['a+b@example.com', 'a@example.com'],
    ['straße@example.com', 'strasse@example.com'],
    ['a@faß.example', 'a@fass.example'],
    ['a@[127.0.0.1]', 'a@[127.0.0.2]'],
  ])('keeps apart addresses that may be two mailboxes: %s, %s', (a, b) => {
    expect(mailboxKey(a)).not.toBe(mailboxKey(b));
  });
});
