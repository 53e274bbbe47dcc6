/** A client of the gateway, and what other clients' caches are to be told: for browsers and Node, without dependencies. */
export * from './answer.ts';
export * from './caching.ts';
export * from './client.ts';
export type { Patience } from './patience.ts';
export type { Typed, TypedDocument } from './typed-document.ts';
