import { createHash } from 'node:crypto';

const BASE = ':root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}button{font:inherit;padding:.5rem 1rem}';

const headersWith = (style: string) => ({
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  // an address may hold a token: it must not travel on to anywhere
  'referrer-policy': 'no-referrer',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`,
  'x-content-type-options': 'nosniff',
});

/** The makers of pages of text: these load nothing and run nothing, and have one style. */
export function createPages(ownStyle: string) {
  const style = BASE + ownStyle;
  const headers: Readonly<Record<string, string>> = headersWith(style);
  return {
    headers,
    /** `title` and `body` are HTML. */
    document: (title: string, body: string) =>
      `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">` +
      `<meta name="robots" content="noindex"><title>${title}</title><style>${style}</style></head>` +
      `<body><main>${body}</main></body></html>`,
  };
}

const narrow = createPages('body{max-width:30rem;margin:4rem auto;padding:0 1rem}');

/** A short page. `title` and `body` are HTML. */
export const page = (title: string, body: string, status = 200, headers: Readonly<Record<string, string>> = {}) =>
  new Response(narrow.document(title, body), { status, headers: { ...narrow.headers, ...headers } });
