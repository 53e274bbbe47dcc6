import { fileURLToPath } from 'node:url';

/** The default bundle. The path holds for the sources and for the compiled files. */
export const REFERENCE_BUNDLE = fileURLToPath(new URL('../../policies/imvu-2014-09-12', import.meta.url));
