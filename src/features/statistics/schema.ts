import { badInput, forbiddenOperation } from '../../base/errors.ts';
import { textArgument } from '../../graphql/arguments.ts';
import type { Context } from '../../graphql/context.ts';
import { OBJECT_ID } from '../../graphql/object-ids.ts';
import type { SchemaPart } from '../../graphql/schema-part.ts';
import type { Cell } from './disclosure-control.ts';
import { MOST_CELLS, PAGES_A_DAY, type StatisticsTable } from './operations.ts';
import { pageName } from './page-name.ts';

const TABLES: Readonly<Record<StatisticsTable, string>> = {
  VISITS: 'Visits of the site.',
  PAGES: 'Visits of each page, by the shape of its path.',
  BROWSERS: 'Visits by type of browser.',
  MACHINES: 'Machines that run the software, by operating system.',
  TRANSACTIONS_BY_GENDER: 'People with transactions, by gender.',
  TRANSACTIONS_BY_AGE_BAND: 'People with transactions, by age band.',
  TRANSACTIONS_BY_COUNTRY: 'People with transactions, by country.',
};

const BROWSERS = ['CHROME', 'FIREFOX', 'SAFARI', 'EDGE', 'OTHER'] as const;
const SYSTEMS = ['WINDOWS', 'MACOS', 'LINUX', 'ANDROID', 'IOS', 'OTHER'] as const;

/** These counts must have no way to a person, not even in the request. */
const refuseTokens = ({ caller }: Context) => {
  if (caller.kind !== 'VISITOR' || caller.registrant !== null)
    throw forbiddenOperation('This is counted without a person: ask without a token.', 'NOT_PERMITTED');
};

const words = <Word extends string>(list: readonly Word[]) =>
  Object.fromEntries(
    list.map((word) => [
      word,
      { description: word === 'OTHER' ? 'Any other.' : `${word[0]}${word.slice(1).toLowerCase()}.` },
    ]),
  ) as Record<Word, { description: string }>;

export function defineStatistics({ builder }: SchemaPart): void {
  const Table = builder.enumType('StatisticsTable', {
    description: 'A table of counts. There are no others, and no filters.',
    values: Object.fromEntries(Object.entries(TABLES).map(([name, description]) => [name, { description }])) as Record<
      StatisticsTable,
      { description: string }
    >,
  });
  const Browser = builder.enumType('BrowserType', { description: 'A type of browser.', values: words(BROWSERS) });
  const System = builder.enumType('OperatingSystem', { description: 'An operating system.', values: words(SYSTEMS) });

  const CellType = builder.objectRef<Cell>('StatisticsCell');
  builder.objectType(CellType, {
    description: 'One count.',
    fields: (t) => ({
      key: t.exposeString('key', { description: 'The thing counted.' }),
      count: t.exposeInt('count', { description: 'How many, rounded down to a multiple of the smallest cell.' }),
    }),
  });
  const Statistics = builder.objectRef<{
    readonly table: StatisticsTable;
    readonly asOf: Date;
    readonly cells: readonly Cell[];
  }>('Statistics');
  builder.objectType(Statistics, {
    description:
      'Counts in aggregate. A count of too few people is left out, together with enough other counts ' +
      `that subtracting answers tells nothing more. A table has ${MOST_CELLS} cells at the most; the rest is counted as ` +
      '`other`.',
    fields: (t) => ({
      id: t.id({
        description: OBJECT_ID,
        resolve: ({ table }, _args, { objectIds }) => objectIds('Statistics', table),
      }),
      asOf: t.expose('asOf', { type: 'DateTime', description: 'When the table was refreshed: once a day.' }),
      cells: t.field({ type: [CellType], description: 'The counts, largest first.', resolve: ({ cells }) => cells }),
    }),
  });

  builder.queryFields((t) => ({
    statistics: t.field({
      type: Statistics,
      description: 'A fixed table of counts, refreshed daily.',
      args: { table: t.arg({ type: Table, required: true, description: 'Which table.' }) },
      resolve: async (_root, { table }, { services }) => ({ table, ...(await services.statistics.find(table)) }),
    }),
  }));

  builder.mutationFields((t) => ({
    recordVisit: t.boolean({
      description:
        'Counts a visit of a page, without a token. Nothing is kept about the visitor or their network. A page is counted under ' +
        'the shape of its path: up to four segments of plain words in small letters, with `:id` in the place of any ' +
        `other segment, such as \`/shop/:id\`. In a day ${PAGES_A_DAY.most} pages are counted apart; the others are ` +
        'counted together, as `other`. One request and one network have limits; beyond them nothing is counted, and the ' +
        'answer is the same.',
      args: {
        page: t.arg.string({ required: true, description: 'The path of the page, without a query: `/shop`.' }),
        browser: t.arg({ type: Browser, required: true, description: 'The type of browser.' }),
      },
      resolve: async (_root, { page, browser }, context) => {
        refuseTokens(context);
        if (!/^\/[\w/.-]*$/.test(textArgument('page', page, 200)))
          throw badInput('page', 'the path of a page, without a query');
        if (!(await context.mayStore('COUNT'))) return true;
        const { statistics } = context.services;
        await Promise.all([
          statistics.count('VISITS', 'all'),
          statistics.countPage(pageName(page)),
          statistics.count('BROWSERS', browser),
        ]);
        return true;
      },
    }),
    recordMachine: t.boolean({
      description:
        'Counts a machine that runs the software, without a token and without any id. One request and one network have ' +
        'limits; beyond them nothing is counted, and the answer is the same.',
      args: { system: t.arg({ type: System, required: true, description: 'The operating system.' }) },
      resolve: async (_root, { system }, context) => {
        refuseTokens(context);
        if (await context.mayStore('COUNT')) await context.services.statistics.count('MACHINES', system);
        return true;
      },
    }),
  }));
}
