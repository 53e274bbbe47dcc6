/**
 * A client of the gateway, and settings for the caches of other clients: for browsers and Node, without dependencies.
 */
export * from './answer.ts';
export * from './caching.ts';
export * from './client.ts';
export type { Patience } from './patience.ts';
export type { Typed, TypedDocument } from './typed-document.ts';
