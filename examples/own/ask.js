import { createClient, denialAt } from '@assent-gateway/assent/client';

const client = createClient({ url: process.env.GATEWAY, token: () => process.env.TOKEN });

const answer = await client.query('query ($id: ID!) { user(id: $id) { avatarName email } }', { id: 'u1' });
const denial = denialAt(answer, ['user', 'email']);

console.log(JSON.stringify({ name: answer.data.user.avatarName, email: denial?.reason ?? answer.data.user.email }));
