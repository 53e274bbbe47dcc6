import { run } from './process/command.ts';

await run(process.argv.slice(2), process.env);
