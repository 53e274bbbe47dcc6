/** One file of apt's configuration; the ending of its name decides its format. */
export interface SourcesFile {
  readonly name: string;
  readonly text: string;
}

/** A successor of a release in this system's sources, as the text of its own `.sources` file. */
export interface SuccessorSource {
  readonly suite: string;
  readonly text: string;
}

interface AptSource {
  readonly uris: readonly string[];
  readonly suites: readonly string[];
  readonly components: readonly string[];
  readonly signedBy: string;
}

const SUCCESSORS = new Map([
  ...['bullseye', 'bookworm', 'oldoldstable', 'oldstable', 'stable'].map((suite) => [suite, 'trixie'] as const),
  ...['focal', 'jammy'].map((suite) => [suite, 'noble'] as const),
]);
const DISTRIBUTION_ARCHIVE = /\/(debian|ubuntu|ubuntu-ports)\/?$/;

const words = (text = '') => text.split(/[\s,]+/).filter(Boolean);

const parseStanza = (stanza: string): AptSource | null => {
  const lines = stanza.split('\n').filter((line) => line.trim() && !line.startsWith('#'));
  const fields = new Map<string, string>();
  let name = '';
  for (const line of lines) {
    const start = /^([^\s:]+):(.*)$/.exec(line);
    if (start) name = (start[1] ?? '').toLowerCase();
    fields.set(name, start ? (start[2] ?? '') : `${fields.get(name)}\n${line}`);
  }
  const off = /^\s*(no|false|without|off|disable|0)\s*$/i.test(fields.get('enabled') ?? '');
  if (off || !words(fields.get('types')).includes('deb')) return null;
  return {
    uris: words(fields.get('uris')),
    suites: words(fields.get('suites')),
    components: words(fields.get('components')),
    signedBy: fields.get('signed-by') ?? '',
  };
};

const parseLine = (line: string): AptSource | null => {
  const [, options = '', uri, suite, components] =
    /^\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s+([^#]*)/.exec(line) ?? [];
  if (uri === undefined || suite === undefined) return null;
  const keyrings = words(/(?:^|\s)signed-by=(\S+)/i.exec(options)?.[1]);
  return {
    uris: [uri],
    suites: [suite],
    components: words(components),
    signedBy: keyrings.map((k) => ` ${k}`).join(''),
  };
};

const parse = ({ name, text }: SourcesFile): AptSource[] => {
  const parsed = name.endsWith('.sources')
    ? text.split(/\n[ \t]*\n/).map(parseStanza)
    : name.endsWith('.list')
      ? text.split('\n').map(parseLine)
      : [];
  return parsed.filter((source) => source !== null);
};

const render = (uri: string, suite: string, signedBy: string) =>
  [
    'Types: deb',
    `URIs: ${uri}`,
    `Suites: ${suite}`,
    'Components: main',
    'Targets: Packages',
    ...(signedBy ? [`Signed-By:${signedBy}`] : []),
    '',
  ].join('\n');

/**
 * Sources of a newer release of the same distribution: each enabled source with a known successor,
 * with the release's name replaced and its mirror and signing keys kept. Options that weaken the signature check are
 * never carried over. The distribution's own archive comes first, since third parties reuse the names of releases.
 *
 * @param files  `sources.list` and the files of `sources.list.d`, in apt's order
 * @see sources.list(5)
 */
export function successorSources(files: readonly SourcesFile[]): SuccessorSource[] {
  const found = files.flatMap(parse).flatMap(({ uris, suites, components, signedBy }) =>
    components.includes('main')
      ? suites.flatMap((suite) => {
          const successor = SUCCESSORS.get(suite);
          return successor
            ? uris.map((uri) => ({ uri, suite: successor, text: render(uri, successor, signedBy) }))
            : [];
        })
      : [],
  );
  const foreign = ({ uri }: { uri: string }) => Number(!DISTRIBUTION_ARCHIVE.test(uri));
  const distinct = new Map(found.sort((a, b) => foreign(a) - foreign(b)).map((source) => [source.text, source]));
  return [...distinct.values()].map(({ suite, text }) => ({ suite, text }));
}
