/** Algorithms that others may sign with, identity providers and clients: asymmetric ones alone. */
export const PROVIDER_ALGORITHMS = ['EdDSA', 'ES256', 'ES384', 'PS256', 'PS384', 'RS256'];

/** The algorithm by which the gateway signs. */
export const SIGNING_ALGORITHM = 'EdDSA';
