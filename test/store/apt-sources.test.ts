import { expect, test } from 'vitest';
import { successorSources } from '../../src/store/mongo/engine/apt-sources.ts';

const stanza = (...lines: string[]) => `${lines.join('\n')}\n`;
const trixie = (uri: string, ...more: string[]) => ({
  suite: 'trixie',
  text: stanza('Types: deb', `URIs: ${uri}`, 'Suites: trixie', 'Components: main', 'Targets: Packages', ...more),
});

const DEBIAN = 'http://mirror.example/debian';
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
const bookworm = (...more: string[]) =>
  stanza('Types: deb', `URIs: ${DEBIAN}`, 'Suites: bookworm bookworm-updates', 'Components: main', ...more);

test.each([
  {
    name: 'a stanza keeps its mirror and its keyring',
    file: 'debian.sources',
    text: bookworm(`Signed-By: ${KEYRING}`),
    found: [trixie(DEBIAN, `Signed-By: ${KEYRING}`)],
  },
  {
    name: 'a key inside a stanza is kept whole',
    file: 'debian.sources',
    text: bookworm(
      'Signed-By:',
      ' -----BEGIN PGP PUBLIC KEY BLOCK-----',
      ' .',
      ' mDME',
      ' -----END PGP PUBLIC KEY BLOCK-----',
    ),
    found: [
      trixie(
        DEBIAN,
        'Signed-By:',
        ' -----BEGIN PGP PUBLIC KEY BLOCK-----',
        ' .',
        ' mDME',
        ' -----END PGP PUBLIC KEY BLOCK-----',
      ),
    ],
  },
  {
    name: 'comments within a stanza are passed over',
    file: 'debian.sources',
    text: `# the archive\n${bookworm('# Enabled: no')}`,
    found: [trixie(DEBIAN)],
  },
  {
    name: 'an option that waives the signature is dropped',
    file: 'debian.sources',
    text: bookworm('Trusted: yes', 'Allow-Insecure: yes'),
    found: [trixie(DEBIAN)],
  },
  { name: 'a stanza switched off is left out', file: 'debian.sources', text: bookworm('Enabled: no'), found: [] },
  {
    name: 'sources of source code are left out',
    file: 'debian.sources',
    text: bookworm().replace('Types: deb', 'Types: deb-src'),
    found: [],
  },
  {
    name: 'a stanza without the main component is left out',
    file: 'debian.sources',
    text: bookworm().replace('Components: main', 'Components: contrib'),
    found: [],
  },
  {
    name: 'a line keeps its mirror and its keyrings',
    file: 'sources.list',
    text: `deb [arch=amd64 signed-by=/a.gpg,/b.gpg trusted=yes] ${DEBIAN} bookworm main contrib # the archive\n`,
    found: [trixie(DEBIAN, 'Signed-By: /a.gpg /b.gpg')],
  },
  {
    name: 'a line commented out, of source code, or of another component is left out',
    file: 'sources.list',
    text: `# deb ${DEBIAN} bookworm main\ndeb-src ${DEBIAN} bookworm main\ndeb ${DEBIAN} bookworm contrib # main\n`,
    found: [],
  },
  {
    name: 'an Ubuntu release leads to its own successor',
    file: 'sources.list',
    text: 'deb http://archive.ubuntu.com/ubuntu/ jammy main restricted\n',
    found: [
      {
        suite: 'noble',
        text: stanza(
          'Types: deb',
          'URIs: http://archive.ubuntu.com/ubuntu/',
          'Suites: noble',
          'Components: main',
          'Targets: Packages',
        ),
      },
    ],
  },
  {
    name: 'a release without a known successor leads nowhere',
    file: 'sources.list',
    text: `deb ${DEBIAN} trixie main\ndeb ${DEBIAN} bookworm-security main\n`,
    found: [],
  },
  {
    name: 'the same source named twice is found once',
    file: 'sources.list',
    text: `deb ${DEBIAN} bookworm main\ndeb ${DEBIAN} oldstable main\n`,
    found: [trixie(DEBIAN)],
  },
  {
    name: 'the archive of the distribution comes before a third party',
    file: 'sources.list',
    text: `deb http://packages.example.org/tools bookworm main\ndeb ${DEBIAN} bookworm main\n`,
    found: [trixie(DEBIAN), trixie('http://packages.example.org/tools')],
  },
  { name: 'a file of another kind is not read', file: 'debian.sources.bak', text: bookworm(), found: [] },
])('$name', ({ file, text, found }) => {
  expect(successorSources([{ name: file, text }])).toEqual(found);
});
