import type { CallerKind } from '../../../src/http/issuers-file.ts';
import type { Part } from '../../support/issuers.ts';

/** A token as a stock identity provider emits it, but for its times. */
export interface Shape {
  readonly name: string;
  /** Where the provider says so. */
  readonly source: string;
  readonly header: Part;
  readonly claims: Part;
  /** Null for a token that opens nothing. */
  readonly kind: CallerKind | null;
}

const KEYCLOAK = 'https://id.example/realms/people';
const KEYCLOAK_STAFF = 'https://id.example/realms/staff';
const AUTH0 = 'https://acme.eu.auth0.com/';
const OKTA = 'https://acme.okta.com/oauth2/default';
const ENTRA_2 = 'https://login.microsoftonline.com/aaaabbbb-0000-cccc-1111-dddd2222eeee/v2.0';
const ENTRA_STAFF = 'https://login.microsoftonline.com/bbbbcccc-1111-dddd-2222-eeee3333ffff/v2.0';
const ENTRA_1 = 'https://sts.windows.net/aaaabbbb-0000-cccc-1111-dddd2222eeee/';
const COGNITO = 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Example';

/** The client id of the partner at each provider. */
export const PARTNERS = {
  keycloak: 'offerly',
  auth0: 'K1AUPhZq8mRi0Q0pjhkfu1D7y6KjDQja',
  okta: '0oabskvc6442nkvQO0h7',
  entra: '22223333-cccc-4444-dddd-5555eeee6666',
  cognito: '57cbishk4j24pabc1234567890',
} as const;

/** The id of a person at each provider, where a world file can hold it. */
export const PEOPLE = {
  keycloak: '819d4ee5-46aa-49fa-a3a5-33dff3a332b6',
  okta: '00uid4BxXw6I6TV4m0g3',
  entra: 'eeeeeeee-4444-ffff-5555-000000000000',
  cognito: 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee',
} as const;

const GRANTED = 'assent:name assent:email purpose:targeted-offers';

// claims: TokenManager and the mappers of the scopes basic, roles, profile, email, service_account
const KEYCLOAK_CODE =
  'https://github.com/keycloak/keycloak/blob/main/services/src/main/java/org/keycloak/protocol/oidc';
const SERVICE_ACCOUNTS = `${KEYCLOAK_CODE}/grants/ClientCredentialsGrantType.java`;
const TOKEN_TYPES =
  'https://github.com/keycloak/keycloak/blob/main/core/src/main/java/org/keycloak/util/TokenUtil.java';
const AUDIENCE = 'https://www.keycloak.org/docs/latest/server_admin/#audience-support';

const keycloakProgram = {
  jti: 'trrtcc:37b03598-ee15-eb87-c04c-d3b9703734b8',
  iss: KEYCLOAK,
  aud: ['assent', 'account'],
  sub: 'b4768e19-2d00-43ac-b675-647e370c6f7c',
  typ: 'Bearer',
  azp: PARTNERS.keycloak,
  acr: '1',
  realm_access: { roles: ['default-roles-people', 'offline_access', 'uma_authorization'] },
  resource_access: { account: { roles: ['manage-account', 'view-profile'] } },
  scope: `profile email ${GRANTED}`,
  clientHost: '172.17.0.1',
  email_verified: false,
  preferred_username: 'service-account-offerly',
  clientAddress: '172.17.0.1',
  client_id: PARTNERS.keycloak,
};

const keycloakPerson = {
  jti: 'onrtac:5ce9b1f7-1b43-4b5d-8d44-0f7a2f8a3c11',
  iss: KEYCLOAK,
  aud: ['assent', 'account'],
  sub: PEOPLE.keycloak,
  typ: 'Bearer',
  azp: 'webapp',
  sid: 'd3b29354-06e9-4a31-882e-540bdf87c737',
  acr: '1',
  realm_access: { roles: ['default-roles-people', 'offline_access', 'uma_authorization'] },
  scope: 'openid profile email person:me',
  email_verified: true,
  name: 'Nia Ko',
  preferred_username: 'nia',
  email: 'nia@example.com',
};

const keycloakStaff = {
  ...keycloakPerson,
  iss: KEYCLOAK_STAFF,
  azp: 'backoffice',
  scope: 'openid profile email',
  realm_access: { roles: ['default-roles-staff', 'support-desk'] },
};

const KEYCLOAK_SHAPES: readonly Shape[] = [
  {
    name: 'Keycloak: client credentials',
    source: SERVICE_ACCOUNTS,
    header: { typ: 'JWT' },
    claims: keycloakProgram,
    kind: 'partner',
  },
  {
    name: 'Keycloak: client credentials, with at+jwt in the header',
    source: TOKEN_TYPES,
    header: { typ: 'at+jwt' },
    claims: keycloakProgram,
    kind: 'partner',
  },
  {
    name: 'Keycloak: client credentials, with the purpose from a mapper and one audience',
    source: 'https://www.keycloak.org/docs/latest/server_admin/#_protocol-mappers',
    header: { typ: 'JWT' },
    claims: {
      ...keycloakProgram,
      aud: 'assent',
      scope: 'profile email assent:name assent:email',
      purpose: 'targeted-offers',
    },
    kind: 'partner',
  },
  {
    name: 'Keycloak: a person, signed in',
    source: AUDIENCE,
    header: { typ: 'JWT' },
    claims: keycloakPerson,
    kind: 'member',
  },
  {
    name: 'Keycloak: a person, signed in, with at+jwt in the header',
    source: TOKEN_TYPES,
    header: { typ: 'at+jwt' },
    claims: keycloakPerson,
    kind: 'member',
  },
  {
    name: 'Keycloak: a member of staff',
    source: 'https://www.keycloak.org/docs/latest/server_admin/#_oidc_token_role_mappings',
    header: { typ: 'JWT' },
    claims: keycloakStaff,
    kind: 'staff',
  },
  {
    name: 'Keycloak: an ID token',
    source: TOKEN_TYPES,
    header: { typ: 'JWT' },
    claims: { ...keycloakPerson, aud: 'webapp', typ: 'ID', nonce: 'n-0S6_WzA2Mj', at_hash: 'cpqKfdQA5eH891Ff5oJr_Q' },
    kind: null,
  },
  {
    name: 'Keycloak: an ID token of a client that is the audience, without a nonce and a hash',
    source: TOKEN_TYPES,
    header: { typ: 'JWT' },
    claims: { ...keycloakPerson, aud: 'assent', typ: 'ID' },
    kind: null,
  },
  {
    name: 'Keycloak: a refresh token',
    source: TOKEN_TYPES,
    header: { typ: 'JWT' },
    claims: { ...keycloakPerson, typ: 'Refresh' },
    kind: null,
  },
  {
    name: 'Keycloak: client credentials without an audience mapper',
    source: AUDIENCE,
    header: { typ: 'JWT' },
    claims: { ...keycloakProgram, aud: 'account' },
    kind: null,
  },
];

const AUTH0_PROFILES = 'https://auth0.com/docs/secure/tokens/access-tokens/access-token-profiles';
const AUTH0_ID = 'https://auth0.com/docs/secure/tokens/id-tokens/id-token-structure';

const auth0Program = {
  iss: AUTH0,
  sub: `${PARTNERS.auth0}@clients`,
  aud: 'https://gateway.example',
  scope: GRANTED,
};
const auth0Person = {
  iss: AUTH0,
  sub: 'auth0|6553da60a54af58e29493993',
  aud: ['https://gateway.example', 'https://acme.eu.auth0.com/userinfo'],
  scope: 'openid profile email person:me',
};

const AUTH0_SHAPES: readonly Shape[] = [
  {
    name: 'Auth0: client credentials, in the profile of Auth0',
    source: AUTH0_PROFILES,
    header: { typ: 'JWT' },
    claims: { ...auth0Program, azp: PARTNERS.auth0, gty: 'client-credentials' },
    kind: 'partner',
  },
  {
    name: 'Auth0: client credentials, in the profile of RFC 9068',
    source: AUTH0_PROFILES,
    header: { typ: 'at+jwt' },
    claims: { ...auth0Program, client_id: PARTNERS.auth0, jti: '73WakrfVbNJBaAmhQtEeDv' },
    kind: 'partner',
  },
  {
    name: 'Auth0: a person, signed in, in the profile of Auth0',
    source: AUTH0_PROFILES,
    header: { typ: 'JWT' },
    claims: { ...auth0Person, azp: 'webapp' },
    kind: 'member',
  },
  {
    name: 'Auth0: a person, signed in, in the profile of RFC 9068',
    source: AUTH0_PROFILES,
    header: { typ: 'at+jwt' },
    claims: { ...auth0Person, client_id: 'webapp', jti: '9mTzLqQm1Yt0GxkTd3UeQb' },
    kind: 'member',
  },
  {
    name: 'Auth0: an ID token',
    source: AUTH0_ID,
    header: { typ: 'JWT' },
    claims: { iss: AUTH0, sub: auth0Person.sub, aud: 'webapp', name: 'Nia Ko', nonce: 'n-0S6_WzA2Mj', sid: 's-1' },
    kind: null,
  },
];

const OKTA_CLAIMS = 'https://developer.okta.com/docs/reference/api/oidc/#access-token-payload';
const OKTA_ID = 'https://developer.okta.com/docs/reference/api/oidc/#id-token-payload';
const OKTA_ORG = 'https://developer.okta.com/docs/concepts/auth-servers/#org-authorization-server';

const oktaProgram = {
  ver: 1,
  jti: 'AT.0mP4JKAZX1iACIT4vbEDF7LpvDVjxypPMf0D7uX39RE',
  iss: OKTA,
  aud: 'api://default',
  cid: PARTNERS.okta,
  scp: GRANTED.split(' '),
  sub: PARTNERS.okta,
};
const oktaPerson = {
  ...oktaProgram,
  jti: 'AT.7uX39RE0mP4JKAZX1iACIT4vbEDF7LpvDVjxypPMf0D',
  cid: 'webapp',
  uid: PEOPLE.okta,
  scp: ['openid', 'profile', 'email', 'person:me'],
  sub: 'nia@example.com',
};

const OKTA_SHAPES: readonly Shape[] = [
  {
    name: 'Okta: client credentials, by a custom authorization server',
    source: OKTA_CLAIMS,
    header: {},
    claims: oktaProgram,
    kind: 'partner',
  },
  {
    name: 'Okta: a person, signed in, by a custom authorization server',
    source: OKTA_CLAIMS,
    header: {},
    claims: oktaPerson,
    kind: 'member',
  },
  {
    name: 'Okta: a person with the id of their client as user name',
    source: 'https://developer.okta.com/docs/api/openapi/okta-management/management/tag/AuthorizationServerClaims',
    header: {},
    claims: { ...oktaPerson, cid: PARTNERS.okta, sub: PARTNERS.okta, scp: GRANTED.split(' ') },
    kind: null,
  },
  {
    name: 'Okta: an ID token',
    source: OKTA_ID,
    header: {},
    claims: {
      ...{ ver: 1, iss: OKTA, sub: PEOPLE.okta, aud: 'webapp', jti: 'ID.4eAWJOCMB3SX8XewDfVR' },
      ...{ amr: ['pwd'], at_hash: 'cpqKfdQA5eH891Ff5oJr_Q', name: 'Nia Ko', email: 'nia@example.com' },
    },
    kind: null,
  },
  {
    name: 'Okta: a token of the org authorization server',
    source: OKTA_ORG,
    header: { typ: 'application/okta-internal-at+jwt' },
    claims: { ...oktaPerson, iss: 'https://acme.okta.com', aud: 'https://acme.okta.com' },
    kind: null,
  },
  {
    name: 'Okta: a token of the org authorization server, if its issuer and audience were those of a custom one',
    source: OKTA_ORG,
    header: { typ: 'application/okta-internal-at+jwt' },
    claims: oktaPerson,
    kind: null,
  },
];

const ENTRA_CLAIMS = 'https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference';
const ENTRA_OPTIONAL = 'https://learn.microsoft.com/entra/identity-platform/optional-claims-reference';
const ENTRA_ID = 'https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference';

const entraCommon = {
  aud: '00001111-aaaa-2222-bbbb-3333cccc4444',
  aio: 'E2ZgYGhnfXVYdH6dt8HV0RvuG5cAA',
  tid: 'aaaabbbb-0000-cccc-1111-dddd2222eeee',
  rh: '0.ARoAv4j5cvGGr0GRqy180BHbR',
  uti: 'AbCdEf123456GhIjKlMnOp',
};
const entraProgram = {
  ...entraCommon,
  oid: 'ffffffff-6666-0000-7777-111111111111',
  sub: 'ffffffff-6666-0000-7777-111111111111',
  idtyp: 'app',
  roles: GRANTED.split(' '),
};
const entraPerson = {
  ...entraCommon,
  oid: PEOPLE.entra,
  sub: 'AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ',
  name: 'Nia Ko',
  scp: 'person.me',
};
const version2 = { iss: ENTRA_2, ver: '2.0', azp: PARTNERS.entra, azpacr: '1' };
const version1 = { iss: ENTRA_1, ver: '1.0', appid: PARTNERS.entra, appidacr: '1', idp: ENTRA_1 };

const ENTRA_SHAPES: readonly Shape[] = [
  {
    name: 'Entra ID: client credentials, version 2',
    source: ENTRA_CLAIMS,
    header: { typ: 'JWT' },
    claims: { ...entraProgram, ...version2 },
    kind: 'partner',
  },
  {
    name: 'Entra ID: client credentials, version 1',
    source: ENTRA_CLAIMS,
    header: { typ: 'JWT', x5t: 'thumbprint' },
    claims: { ...entraProgram, ...version1 },
    kind: 'partner',
  },
  {
    name: 'Entra ID: a person, signed in, version 2',
    source: ENTRA_CLAIMS,
    header: { typ: 'JWT' },
    claims: { ...entraPerson, ...version2, azp: 'webapp', azpacr: '0', preferred_username: 'nia@example.com' },
    kind: 'member',
  },
  {
    name: 'Entra ID: a person, signed in, version 1',
    source: ENTRA_CLAIMS,
    header: { typ: 'JWT', x5t: 'thumbprint' },
    claims: { ...entraPerson, ...version1, appid: 'webapp', acr: '1', amr: ['pwd'], unique_name: 'nia@example.com' },
    kind: 'member',
  },
  {
    name: 'Entra ID: a member of staff, version 2',
    source: ENTRA_CLAIMS,
    header: { typ: 'JWT' },
    claims: {
      ...{ ...entraPerson, ...version2, iss: ENTRA_STAFF, azp: 'backoffice', scp: 'access' },
      ...{ aud: '11112222-bbbb-3333-cccc-4444dddd5555', roles: ['Support.Desk'] },
    },
    kind: 'staff',
  },
  {
    name: 'Entra ID: client credentials without the optional claim idtyp',
    source: ENTRA_OPTIONAL,
    header: { typ: 'JWT' },
    claims: { ...entraProgram, ...version2, idtyp: undefined },
    kind: null,
  },
  {
    name: 'Entra ID: a person with the app roles of a partner, version 2',
    source: ENTRA_CLAIMS,
    header: { typ: 'JWT' },
    claims: { ...entraPerson, ...version2, scp: 'access', roles: GRANTED.split(' ') },
    kind: null,
  },
  {
    name: 'Entra ID: an ID token',
    source: ENTRA_ID,
    header: { typ: 'JWT' },
    claims: { ...entraCommon, iss: ENTRA_2, ver: '2.0', sub: entraPerson.sub, oid: PEOPLE.entra, nonce: '12345' },
    kind: null,
  },
  {
    name: 'Entra ID: an ID token of the gateway’s own app, with the roles of staff and without a nonce',
    source: ENTRA_ID,
    header: { typ: 'JWT' },
    claims: {
      ...{ ...entraCommon, iss: ENTRA_STAFF, ver: '2.0', sub: entraPerson.sub, oid: PEOPLE.entra },
      ...{ aud: '11112222-bbbb-3333-cccc-4444dddd5555', roles: ['Support.Desk'] },
    },
    kind: null,
  },
];

const COGNITO_ACCESS =
  'https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html';
const COGNITO_ID =
  'https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-id-token.html';
const COGNITO_SERVERS =
  'https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-define-resource-servers.html';

const cognitoProgram = {
  sub: PARTNERS.cognito,
  token_use: 'access',
  scope: 'assent/name assent/email assent/purpose:targeted-offers',
  iss: COGNITO,
  version: 2,
  jti: '39cdbc77-8743-4e1e-9669-96e62b165f1c',
  client_id: PARTNERS.cognito,
};
const cognitoPerson = {
  ...cognitoProgram,
  sub: PEOPLE.cognito,
  'cognito:groups': ['people'],
  scope: 'aws.cognito.signin.user.admin openid profile email',
  origin_jti: 'bbbbbbbb-cccc-dddd-eeee-ffffffffffff',
  jti: 'cccccccc-dddd-eeee-ffff-000000000000',
  client_id: '1example23456789',
  username: 'nia',
};

const COGNITO_SHAPES: readonly Shape[] = [
  {
    name: 'Cognito: client credentials',
    source: COGNITO_SERVERS,
    header: {},
    claims: cognitoProgram,
    kind: 'partner',
  },
  {
    name: 'Cognito: a person, signed in',
    source: COGNITO_ACCESS,
    header: {},
    claims: cognitoPerson,
    kind: 'member',
  },
  {
    name: 'Cognito: client credentials of an app client for something else',
    source: COGNITO_SERVERS,
    header: {},
    claims: { ...cognitoProgram, client_id: 'another', sub: 'another' },
    kind: null,
  },
  {
    name: 'Cognito: client credentials, bound to another resource',
    source: `${COGNITO_SERVERS}#cognito-user-pools-resource-binding`,
    header: {},
    claims: { ...cognitoProgram, aud: 'https://another.example' },
    kind: null,
  },
  {
    name: 'Cognito: an ID token',
    source: COGNITO_ID,
    header: {},
    claims: {
      ...{ sub: PEOPLE.cognito, 'cognito:groups': ['people'], 'cognito:username': 'nia', token_use: 'id' },
      ...{ iss: COGNITO, aud: '1example23456789', origin_jti: 'o-1', jti: 'j-1', email: 'nia@example.com' },
    },
    kind: null,
  },
];

export const SHAPES: readonly Shape[] = [
  ...KEYCLOAK_SHAPES,
  ...AUTH0_SHAPES,
  ...OKTA_SHAPES,
  ...ENTRA_SHAPES,
  ...COGNITO_SHAPES,
];
