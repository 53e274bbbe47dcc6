import { runCommand } from './commands/commands.ts';

// the gateway alone, for supervisors that name a file
process.exitCode = await runCommand(['start', ...process.argv.slice(2)], process.env);
