import { loadAssets } from './assets.ts';
import { assetFolder, renderExplorer } from './page.ts';
import type { Persona } from './personas.ts';

export interface ExplorerRoutesOptions {
  /** Path of the GraphQL endpoint. */
  readonly endpoint: string;
  /** Given on a development database only. */
  readonly listPersonas?: () => Promise<readonly Persona[]>;
}

/**
 * Routes of the explorer: its page where a browser opens the GraphQL endpoint, its files in the folder under it.
 *
 * @returns the response, or null for a request that is not theirs
 */
export const createExplorerRoutes = ({ endpoint, listPersonas }: ExplorerRoutesOptions) => {
  const folder = assetFolder(endpoint);
  let assets: ReturnType<typeof loadAssets> | undefined;

  const serveAsset = async (request: Request, name: string) => {
    assets ??= loadAssets();
    const asset = (await assets).get(name);
    if (!asset) return null;
    const headers = { 'content-type': asset.type, etag: asset.etag, ...ASSET_HEADERS };
    return request.headers.get('if-none-match')?.includes(asset.etag)
      ? new Response(null, { status: 304, headers })
      : new Response(asset.body, { headers });
  };

  return async (request: Request): Promise<Response | null> => {
    if (request.method !== 'GET') return null;
    const { pathname } = new URL(request.url);
    if (pathname.startsWith(folder)) return serveAsset(request, pathname.slice(folder.length));
    if (pathname !== endpoint || !isFromAddressBar(request)) return null;
    const { html, headers } = renderExplorer({ endpoint, ...(listPersonas && { personas: await listPersonas() }) });
    return new Response(html, { headers });
  };
};

/** Revalidated at each load: a 304 costs less than a stale editor. */
const ASSET_HEADERS = {
  'cache-control': 'no-cache',
  'cross-origin-resource-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
};

/** A client of the API that would also take HTML names JSON as well. */
function isFromAddressBar({ headers }: Request): boolean {
  const accept = headers.get('accept') ?? '';
  return accept.includes('text/html') && !accept.includes('json');
}
