import { statSync } from 'node:fs';
import path from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The files that take longest, since a fresh checkout knows nothing of earlier runs. The others go by their size. */
const LONGEST = [
  ...['readme', 'distributed/drill', 'process/life-cycle', 'process/workers', 'scripts/bench', 'store/embedded'],
  ...['http/graphiql-browser', 'distributed/failover', 'process/start', 'telemetry/logger', 'scripts/check'],
  ...['consistency/clocks', 'scripts/seed', 'scripts/migrate'],
  ...['leaks/planted', 'leaks/crawler', 'subject/size', 'decisions/cells', 'features/bounds', 'features/mail'],
  ...['features/broken-ledger', 'features/policy-versions', 'features/photos-posts', 'policy/changes'],
].map((name) => `test/${name}.test.ts`);

/** Programs first: they wait for most of their time, beside tests that work. */
const PROJECTS = ['process', 'mocked', 'gateway'];

/** Starts the longest files first, so that none is left over at the end; files of one project stay together. */
export default class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rankOf = ({ moduleId, project }: TestSpecification) => {
      const place = LONGEST.indexOf(path.relative(this.ctx.config.root, moduleId).replaceAll('\\', '/'));
      return {
        project: PROJECTS.indexOf(project.name),
        place: place < 0 ? LONGEST.length : place,
        size: statSync(moduleId).size,
      };
    };
    return files
      .map((file) => ({ file, rank: rankOf(file) }))
      .sort(({ rank: a }, { rank: b }) => a.project - b.project || a.place - b.place || b.size - a.size)
      .map(({ file }) => file);
  }
}
