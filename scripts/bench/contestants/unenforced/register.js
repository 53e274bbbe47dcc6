import { existsSync } from 'node:fs';
import { register } from 'node:module';

// Loaded with `--import` in front of the gateway itself: it runs as it is built, but for the modules named here.

const replaced = (process.env.BENCH_WITHOUT ?? '').split(',');
for (const name of replaced)
  if (!existsSync(new URL(`../../../../dist/enforcement/${name}.js`, import.meta.url)))
    throw new Error(
      `dist/enforcement/${name}.js is not there: nothing would be replaced, and the gateway be measured.`,
    );

register('./hooks.js', import.meta.url, { data: { replaced } });
