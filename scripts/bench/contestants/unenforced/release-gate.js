export * from '../../../../dist/enforcement/release-gate.js?own';

/** Nothing is put on record. */
export const useReleaseGate = () => ({});
