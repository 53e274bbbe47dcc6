import type { DecisionTable } from '../../policy/compile.ts';
import { isFromAddressBar } from '../browser.ts';
import { pathOf } from '../path.ts';
import { answerByMethod, createRoutes } from '../routes.ts';
import { answerValidated } from '../validated.ts';
import { type Asset, loadAssets } from './assets.ts';
import { createDevelopmentHosts } from './development-hosts.ts';
import { assetFolder, renderExplorer } from './page.ts';
import type { Persona } from './personas.ts';

export interface ExplorerRoutesOptions {
  /** Path of the GraphQL endpoint. */
  readonly endpoint: string;
  /** The policy that the examples show. */
  readonly table: DecisionTable;
  /** Given on a development database only. */
  readonly listPersonas?: () => Promise<readonly Persona[]>;
  /** Where the gateway is reached from outside, besides under the loopback names of its own machine. */
  readonly publicUrl?: string;
}

/**
 * Routes of the explorer: its page where a browser opens the GraphQL endpoint, its files in the folder under it, and
 * the way there from `/`. Callers to choose from are named under a development host only.
 *
 * @returns the response, or null for a request that is not theirs
 */
export const createExplorerRoutes = ({ endpoint, table, listPersonas, publicUrl }: ExplorerRoutesOptions) => {
  const folder = assetFolder(endpoint);
  let assets: ReturnType<typeof loadAssets> | undefined;

  const isOwnHost = createDevelopmentHosts(publicUrl);

  const allAssets = () => {
    assets ??= loadAssets();
    return assets;
  };

  const serveAsset = async (request: Request, { type, body, etag, compressed }: Asset) => {
    const smaller = takesGzip(request) ? compressed() : null;
    return answerValidated(
      request,
      { body: smaller ?? body, etag },
      { 'content-type': type, ...ASSET_HEADERS, ...(smaller && { 'content-encoding': 'gzip' }) },
    );
  };

  const servePage = async (request: Request) => {
    allAssets().catch(() => {}); // the browser asks for them next, and is told then
    const personas = isOwnHost(request) ? await listPersonas?.() : undefined;
    const { html, headers } = renderExplorer({ endpoint, table, ...(personas && { personas }) });
    return new Response(html, { headers });
  };

  const leadHere = createRoutes({
    '/': { GET: async (request) => (isFromAddressBar(request) ? redirect(endpoint) : null) },
  });

  return async (request: Request): Promise<Response | null> => {
    const pathname = pathOf(request);
    if (pathname.startsWith(folder)) {
      const asset = (await allAssets()).get(pathname.slice(folder.length));
      return asset ? answerByMethod(request, { GET: (got) => serveAsset(got, asset) }) : null;
    }
    if (pathname === endpoint && request.method === 'GET' && isFromAddressBar(request)) return servePage(request);
    return leadHere(request);
  };
};

/** For now: where the explorer is off, something else stands there. */
const redirect = (location: string) => new Response(null, { status: 302, headers: { location, vary: 'accept' } });

const takesGzip = ({ headers }: Request) =>
  /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/.test(headers.get('accept-encoding') ?? '');

const ASSET_HEADERS = {
  vary: 'accept-encoding',
  'cross-origin-resource-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
};
