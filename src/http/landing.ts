import { isFromAddressBar } from './browser.ts';
import { json } from './json.ts';
import { page } from './pages.ts';
import { POLICY_PATH } from './policy-pages.ts';
import { createRoutes } from './routes.ts';

export interface LandingOptions {
  /** Path of the GraphQL endpoint. */
  readonly endpoint: string;
  /** The version of the policy that is in force. */
  readonly policyVersion: string;
}

const NAME = 'Assent';
const DESCRIPTION =
  'A GraphQL gateway in front of personal data. A privacy policy decides for every field of every answer whether this caller may see it, for this purpose, now.';

const code = (text: string) => `<code>${text}</code>`;
const link = (address: string, text: string) => `<a href="${address}">${text}</a>`;

/** The route `/`: it describes the gateway and its addresses, to a browser in a page, to a program in JSON. */
export function createLandingRoute({ endpoint, policyVersion }: LandingOptions) {
  const body = `<h1>${NAME}</h1><p>${DESCRIPTION}</p>
<ul>
<li>Clients send their operations to ${code(endpoint)}.</li>
<li>The policy in force is version ${code(policyVersion)}: ${link(POLICY_PATH, 'read it')}.</li>
<li>The documentation begins with ${code('README.md')} and goes on in ${code('docs')}, and every operation is described in ${code('schema.graphql')}. All of them come with the gateway.</li>
<li>${link('/health/ready', 'Whether the gateway is ready')}.</li>
</ul>`;
  const told = {
    name: NAME,
    description: DESCRIPTION,
    endpoint,
    policyVersion,
    policy: POLICY_PATH,
    ready: '/health/ready',
  };
  const headers = { vary: 'accept' };
  return createRoutes({
    '/': {
      GET: async (request) => (isFromAddressBar(request) ? page(NAME, body, 200, headers) : json(told, { headers })),
    },
  });
}
