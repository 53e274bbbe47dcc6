import { randomUUID } from 'node:crypto';
import { makeExecutableSchema } from '@graphql-tools/schema';
import Fastify from 'fastify';
import { GraphQLError } from 'graphql';
import mercurius from 'mercurius';
import mercuriusAuth from 'mercurius-auth';
import { createConsents } from './peer/consents.js';
import { listening, openPeer } from './peer/foundation.js';
import { createPeers } from './peer/people.js';
import { createRecorder } from './peer/record.js';
import { denial, denialOf } from './peer/rules.js';
import { createResolvers, typeDefs } from './peer/schema.js';

// Fastify with mercurius, compiled by graphql-jit from the first request on, and mercurius-auth on every personal field.

const peer = await openPeer();
const contextOf = createPeers(peer);
const record = createRecorder(peer);

const app = Fastify();
app.register(mercurius, {
  schema: makeExecutableSchema({ typeDefs, resolvers: createResolvers(createConsents(peer)) }),
  jit: 1,
  context: async ({ headers }) => contextOf(await peer.authenticate(headers.authorization)),
});
app.register(mercuriusAuth, {
  authDirective: 'auth',
  applyPolicy: async (directive, source, _args, { caller, now }) => {
    const category = directive.arguments[0].value.value;
    const reason = denial(caller, source.person ?? source, category, now);
    if (reason === null) return true;
    const { message, ...rest } = denialOf(category, reason);
    return new GraphQLError(message, rest);
  },
});
app.addHook('onReady', async () => {
  app.graphql.addHook('onResolution', async (_execution, { caller, found, now }) =>
    record(caller, found, now, randomUUID()),
  );
});
await app.listen({ host: '127.0.0.1', port: peer.port });
listening(peer.port);
