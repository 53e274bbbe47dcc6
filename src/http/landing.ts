import { isFromAddressBar } from './browser.ts';
import { json } from './json.ts';
import { page } from './pages.ts';
import { createRoutes } from './routes.ts';

export interface LandingOptions {
  /** Path of the GraphQL endpoint. */
  readonly endpoint: string;
  /** The version of the policy that is in force. */
  readonly policyVersion: string;
  /** Whether any document is run, so that a link may hold one. */
  readonly runsAnyDocument: boolean;
}

const NAME = 'Assent';
const DESCRIPTION =
  'A GraphQL gateway in front of personal data. A privacy policy decides for every field of every answer whether this caller may see it, for this purpose, now.';
const POLICY_QUERY = '{ policy { title version publisher clauses { section summary } } }';

const code = (text: string) => `<code>${text}</code>`;
const link = (address: string, text: string) => `<a href="${address}">${text}</a>`;

/** The route `/`: it tells a browser in a page, and a program in JSON, what this is and where to go on. */
export function createLandingRoute({ endpoint, policyVersion, runsAnyDocument }: LandingOptions) {
  const policyAddress = `${endpoint}?query=${encodeURIComponent(POLICY_QUERY)}`;
  const policy = runsAnyDocument ? link(policyAddress, 'read it') : `it is the answer of the query ${code('policy')}`;
  const body = `<h1>${NAME}</h1><p>${DESCRIPTION}</p>
<ul>
<li>Clients send their operations to ${code(endpoint)}.</li>
<li>The policy in force is version ${code(policyVersion)}: ${policy}.</li>
<li>The documentation is ${code('README.md')}, and every operation is described in ${code('schema.graphql')}. Both come with the gateway.</li>
<li>${link('/health/ready', 'Whether the gateway is ready')}.</li>
</ul>`;
  const told = { name: NAME, description: DESCRIPTION, endpoint, policyVersion, ready: '/health/ready' };
  const headers = { vary: 'accept' };
  return createRoutes({
    '/': {
      GET: async (request) => (isFromAddressBar(request) ? page(NAME, body, 200, headers) : json(told, { headers })),
    },
  });
}
