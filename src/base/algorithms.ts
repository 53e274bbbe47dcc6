/**
 * Algorithms that others may sign with, identity providers and clients: asymmetric ones alone. `Ed25519` is the one
 * `EdDSA` by the name that newer libraries write (RFC 9864, 2.2).
 */
export const PROVIDER_ALGORITHMS = ['Ed25519', 'EdDSA', 'ES256', 'ES384', 'PS256', 'PS384', 'RS256'];

/** The algorithm of the gateway's signatures. */
export const SIGNING_ALGORITHM = 'EdDSA';
