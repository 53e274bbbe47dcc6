import { once } from 'node:events';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/**
 * What esbuild is told of every example; the clients leave out what helps developers alone.
 *
 * @returns {import('esbuild').BuildOptions}
 */
export const bundled = (example) => ({
  entryPoints: [fileURLToPath(new URL(`${example}/main.js`, import.meta.url))],
  bundle: true,
  minify: true,
  format: 'esm',
  platform: 'browser',
  define: { 'process.env.NODE_ENV': '"production"', 'globalThis.__DEV__': 'false' },
  logLevel: 'error',
});

/** The page of an example, with a token in it: for development alone. */
const pageOf = (
  options,
) => `<!doctype html><title>Preferences</title><link rel="icon" href="data:,"><main></main><script type="module">
import { start } from './main.js';
const { token, ...options } = ${JSON.stringify(options)};
start(document.querySelector('main'), { ...options, token: async () => token }).show();
</script>`;

/** Serves the page of an example, as a development server does. */
export async function serve(example, port, options) {
  const { outputFiles } = await build({ ...bundled(example), write: false });
  const files = {
    '/': ['text/html', pageOf(options)],
    '/main.js': ['text/javascript', outputFiles[0].contents],
  };
  const server = createServer(({ url }, response) => {
    const [type, content] = files[url] ?? ['text/plain', ''];
    response.writeHead(files[url] ? 200 : 404, { 'content-type': type }).end(content);
  });
  await once(server.listen(port), 'listening');
  return server;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { GATEWAY = 'http://127.0.0.1:4000/graphql', TOKEN, PORT = '5173' } = process.env;
  await serve(process.argv[2] ?? 'own', Number(PORT), { url: GATEWAY, token: TOKEN, other: 'u2' });
  console.log(`http://localhost:${PORT}`);
}
