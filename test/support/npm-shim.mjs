import { createConnection } from 'node:net';
import { text } from 'node:stream/consumers';

// Stands for npm in the shells of readers' examples: hands a command to the test that the shell belongs to.

const socket = createConnection(process.env.NPM_SOCKET);
socket.end(JSON.stringify({ args: process.argv.slice(2), cwd: process.cwd(), env: process.env }));
const { code, stdout, stderr } = JSON.parse(await text(socket));
process.stderr.write(stderr);
process.stdout.write(stdout);
process.exitCode = code;
