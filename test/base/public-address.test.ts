import { describe, expect, test } from 'vitest';
import { mayReach, outboundUrlOf } from '../../src/base/public-address.ts';

const PUBLIC_ONLY = { loopback: false };
const DEVELOPMENT = { loopback: true };

describe('an address that the gateway connects to', () => {
  test.each([
    '8.8.8.8',
    '1.1.1.1',
    '100.63.255.255',
    '100.128.0.0',
    '172.15.0.1',
    '172.32.0.1',
    '192.0.1.1',
  ])('%s is public', (address) => expect(mayReach(address, PUBLIC_ONLY)).toBe(true));

  test.each([
    '2606:4700:4700::1111',
    '2001:4860:4860::8888',
    '2001:200::1',
    '2a00:1450:4001::1',
    '2400:cb00::1',
  ])('%s is public', (address) => expect(mayReach(address, PUBLIC_ONLY)).toBe(true));

  test.each([
    { range: 'unspecified', addresses: ['0.0.0.0', '0.1.2.3', '::', '0:0:0:0:0:0:0:0'] },
    { range: 'private', addresses: ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', 'fc00::1', 'fd12::1'] },
    { range: 'shared by carriers', addresses: ['100.64.0.1', '100.127.255.255'] },
    { range: 'link-local', addresses: ['169.254.169.254', 'fe80::1', 'febf::1', 'fe80::1%eth0'] },
    { range: 'site-local', addresses: ['fec0::1'] },
    { range: 'multicast', addresses: ['224.0.0.1', '239.255.255.255', 'ff02::1', 'ff0e::1'] },
    { range: 'reserved, or broadcast', addresses: ['240.0.0.1', '255.255.255.255'] },
    { range: 'for protocols', addresses: ['192.0.0.1', '192.88.99.1', '198.18.0.1', '198.19.255.255', '100::1'] },
    { range: 'for documentation', addresses: ['192.0.2.1', '198.51.100.1', '203.0.113.1', '2001:db8::1', '3fff::1'] },
    {
      range: 'mapped from IPv4',
      addresses: ['::ffff:10.0.0.1', '::ffff:8.8.8.8', '::ffff:7f00:1', '::FFFF:127.0.0.1'],
    },
    { range: 'compatible with IPv4', addresses: ['::127.0.0.1', '::8.8.8.8'] },
    { range: 'translated by NAT64', addresses: ['64:ff9b::a00:1', '64:ff9b::8.8.8.8', '64:ff9b:1::1'] },
    { range: 'by way of 6to4', addresses: ['2002:a00:1::1', '2002:808:808::1'] },
    { range: 'by way of Teredo', addresses: ['2001::1', '2001:0:4136:e378::1'] },
    { range: 'not assigned', addresses: ['4000::1', '8000::1'] },
    { range: 'no address', addresses: ['', 'localhost', '127.1', '0x7f000001', '2130706433', '8.8.8.8.', '[::1]'] },
  ])('is none that is $range', ({ addresses }) => {
    expect(addresses.filter((address) => mayReach(address, PUBLIC_ONLY))).toEqual([]);
    expect(addresses.filter((address) => mayReach(address, DEVELOPMENT))).toEqual([]);
  });

  test.each([
    '127.0.0.1',
    '127.255.255.254',
    '::1',
    '0:0:0:0:0:0:0:1',
  ])('%s is this machine, for development alone', (address) => {
    expect(mayReach(address, PUBLIC_ONLY)).toBe(false);
    expect(mayReach(address, DEVELOPMENT)).toBe(true);
  });
});

describe('an address of a webhook', () => {
  test.each([
    { text: 'https://hooks.example/in?a=1', href: 'https://hooks.example/in?a=1' },
    { text: 'https://hooks.example:443/', href: 'https://hooks.example/' },
    { text: 'https://hooks.example:1024/', href: 'https://hooks.example:1024/' },
    { text: 'https://hooks.example:65535/', href: 'https://hooks.example:65535/' },
    { text: 'https://bücher.example/', href: 'https://xn--bcher-kva.example/' },
    { text: 'https://hooks.example./', href: 'https://hooks.example/' },
    { text: 'https://8.8.8.8/', href: 'https://8.8.8.8/' },
    { text: 'https://134744072/', href: 'https://8.8.8.8/' },
    { text: 'https://[2606:4700::1]/', href: 'https://[2606:4700::1]/' },
  ])('$text is one', ({ text, href }) => expect(outboundUrlOf(text, PUBLIC_ONLY)?.href).toBe(href));

  test.each([
    { why: 'is no address', text: 'hooks.example' },
    { why: 'goes without TLS', text: 'http://hooks.example/' },
    { why: 'has another scheme', text: 'ftp://hooks.example/' },
    { why: 'names a user', text: 'https://user@hooks.example/' },
    { why: 'holds a password', text: 'https://:secret@hooks.example/' },
    { why: 'has the port of mail', text: 'https://hooks.example:25/' },
    { why: 'has the port of http', text: 'https://hooks.example:80/' },
    { why: 'has the last port of the system', text: 'https://hooks.example:1023/' },
    { why: 'has the port 0', text: 'https://hooks.example:0/' },
    { why: 'is this machine', text: 'https://127.0.0.1/' },
    { why: 'is this machine, with a trailing dot', text: 'https://127.0.0.1./' },
    { why: 'is this machine in hexadecimal', text: 'https://0x7f.1/' },
    { why: 'is this machine in octal', text: 'https://0177.0.0.1/' },
    { why: 'is this machine as one number', text: 'https://2130706433/' },
    { why: 'is this machine in wide digits', text: 'https://１２７.０.０.１/' },
    { why: 'is this machine in IPv6', text: 'https://[::1]/' },
    { why: 'is this machine, mapped', text: 'https://[::ffff:127.0.0.1]/' },
    { why: 'is the metadata of a cloud', text: 'https://169.254.169.254/latest' },
    { why: 'is private, with a trailing dot', text: 'https://10.0.0.1.:8443/' },
    { why: 'is private', text: 'https://192.168.0.1:8443/' },
    { why: 'is every address of this machine', text: 'https://0/' },
  ])('is none that $why', ({ text }) => expect(outboundUrlOf(text, PUBLIC_ONLY)).toBeNull());

  test.each([
    { text: 'http://127.0.0.1:8080/', allowed: true },
    { text: 'http://localhost:8080/', allowed: true },
    { text: 'http://[::1]:8080/', allowed: true },
    { text: 'https://127.0.0.1:8080/', allowed: true },
    { text: 'http://hooks.example:8080/', allowed: false },
    { text: 'http://8.8.8.8:8080/', allowed: false },
    { text: 'http://192.168.0.1:8080/', allowed: false },
    { text: 'http://[::ffff:127.0.0.1]:8080/', allowed: false },
    { text: 'http://localhost.hooks.example:8080/', allowed: false },
  ])('in development, $text is one: $allowed', ({ text, allowed }) =>
    expect(outboundUrlOf(text, DEVELOPMENT) !== null).toBe(allowed));
});
