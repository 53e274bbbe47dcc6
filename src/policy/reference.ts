import { fileURLToPath } from 'node:url';

/** The bundle that is in force where none is named. It is found beside the sources, compiled or not. */
export const REFERENCE_BUNDLE = fileURLToPath(new URL('../../policies/imvu-2014-09-12', import.meta.url));
