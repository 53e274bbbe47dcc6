/** The headers of every answer that does not set its own: nobody may keep it, frame it or guess its type. */
const DEFAULTS: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

export function harden(response: Response): Response {
  for (const [name, value] of Object.entries(DEFAULTS))
    if (!response.headers.has(name)) response.headers.set(name, value);
  return response;
}
