import { findSteps, markSteps } from './form.ts';
import type { MigrationTools, Step } from './step.ts';
import { STEPS } from './steps.ts';

/** The result of one step. */
export interface StepMade {
  readonly step: Step;
  /** The number of changed documents; null if the step was made before. */
  readonly changed: number | null;
}

/**
 * Brings a database to the present form, step by step. An interrupted run can be repeated.
 *
 * @param tell  called for each step once it is on record
 */
export async function migrate(tools: MigrationTools, tell: (made: StepMade) => void): Promise<void> {
  const made = await findSteps(tools.store);
  for (const step of STEPS) {
    if (made.has(step.id)) {
      tell({ step, changed: null });
      continue;
    }
    const changed = await step.run(tools);
    await markSteps(tools.store, [step.id]);
    tell({ step, changed });
  }
}
