import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { makeExecutableSchema } from '@graphql-tools/schema';
import { GraphQLError, isObjectType } from 'graphql';
import { applyMiddleware } from 'graphql-middleware';
import { createConsents } from './peer/consents.js';
import { listening, openPeer } from './peer/foundation.js';
import { createPeers } from './peer/people.js';
import { createRecorder } from './peer/record.js';
import { denial, denialOf } from './peer/rules.js';
import { createResolvers, typeDefs } from './peer/schema.js';

// Apollo Server with graphql-shield on every field: a rule for each personal one, `allow` for the others, else `deny`.

// its ES modules do not load on Node 23 and later: see src/enforcement/field-rules.ts
const { allow, deny, rule, shield } = createRequire(import.meta.url)('graphql-shield');

const ruleOf = (category) =>
  rule({ cache: 'no_cache' })((source, _args, { caller, now }) => {
    const reason = denial(caller, source.person ?? source, category, now);
    if (reason === null) return true;
    const { message, ...rest } = denialOf(category, reason);
    return new GraphQLError(message, rest);
  });

const categoryOf = ({ astNode }) =>
  astNode?.directives.find(({ name }) => name.value === 'auth')?.arguments[0].value.value;

const permissionsOf = (schema) =>
  Object.fromEntries(
    Object.values(schema.getTypeMap())
      .filter((type) => isObjectType(type) && !type.name.startsWith('__'))
      .map((type) => [
        type.name,
        Object.fromEntries(
          Object.values(type.getFields()).map((field) => {
            const category = categoryOf(field);
            return [field.name, category === undefined ? allow : ruleOf(category)];
          }),
        ),
      ]),
  );

const peer = await openPeer();
const contextOf = createPeers(peer);
const record = createRecorder(peer);
const schema = makeExecutableSchema({ typeDefs, resolvers: createResolvers(createConsents(peer)) });

const server = new ApolloServer({
  schema: applyMiddleware(schema, shield(permissionsOf(schema), { fallbackRule: deny, allowExternalErrors: true })),
  plugins: [
    {
      requestDidStart: async () => ({
        willSendResponse: ({ contextValue: { caller, found, now } }) => record(caller, found, now, randomUUID()),
      }),
    },
  ],
});
await startStandaloneServer(server, {
  listen: { host: '127.0.0.1', port: peer.port },
  context: async ({ req }) => contextOf(await peer.authenticate(req.headers.authorization)),
});
listening(peer.port);
