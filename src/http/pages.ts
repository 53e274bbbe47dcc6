import { createHash } from 'node:crypto';

const STYLE =
  ':root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}body{max-width:30rem;margin:4rem auto;padding:0 1rem}' +
  'button{font:inherit;padding:.5rem 1rem}';

const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  // an address may hold a token: it must not travel on to anywhere
  'referrer-policy': 'no-referrer',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`,
  'x-content-type-options': 'nosniff',
};

/** A text as HTML shows it, in an element or in the value of an attribute. */
export const escapeHtml = (text: string) => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

/** A page of text: it loads nothing and runs nothing. `title` and `body` are HTML. */
export const page = (title: string, body: string, status = 200, headers: Readonly<Record<string, string>> = {}) =>
  new Response(
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">` +
      `<meta name="robots" content="noindex"><title>${title}</title><style>${STYLE}</style></head>` +
      `<body><main>${body}</main></body></html>`,
    { status, headers: { ...HEADERS, ...headers } },
  );
