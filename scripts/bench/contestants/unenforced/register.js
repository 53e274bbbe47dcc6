import { register } from 'node:module';

// Loaded with `--import` in front of the gateway itself: it runs as it is built, but for the modules named here.

register('./hooks.js', import.meta.url, { data: { replaced: (process.env.BENCH_WITHOUT ?? '').split(',') } });
