import { expect, test } from 'vitest';
import { gatewaysAmong } from '../../src/migrations/alone.ts';

const connection = (driver: string, name?: string) => ({
  clientMetadata: { driver: { name: driver }, ...(name !== undefined && { application: { name } }) },
});

test.each([
  { name: 'no other connection is no gateway', connections: [], gateways: 0 },
  {
    name: 'a connection of the migration itself is none',
    connections: [connection('nodejs', 'migration')],
    gateways: 0,
  },
  {
    name: 'a connection with the name of a gateway is one',
    connections: [connection('nodejs', 'assent')],
    gateways: 1,
  },
  {
    name: 'a connection without a name is one where it has the driver of the first gateways',
    connections: [connection('nodejs|Mongoose')],
    gateways: 1,
  },
  {
    name: 'a shell, another program and the server itself are none',
    connections: [connection('mongosh'), connection('nodejs|Mongoose', 'shop'), {}],
    gateways: 0,
  },
])('$name', ({ connections, gateways }) => {
  expect(gatewaysAmong(connections, 'migration')).toBe(gateways);
});
