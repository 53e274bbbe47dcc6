import type { PersonDocument } from '../../subject/model.ts';
import type { Core } from '../core.ts';
import { feature } from '../feature.ts';
import { createPreferenceOperations, type PreferenceOperations } from './operations.ts';
import { definePreferences, type PreferencesInput } from './schema.ts';

export const preferences = feature({
  operations: ({ changes, ledger }: Core) => ({ preferences: createPreferenceOperations(changes, ledger) }),
  fields: definePreferences,
});

declare module '../../graphql/builder.ts' {
  interface Objects {
    Preferences: PersonDocument;
  }
  interface Inputs {
    PreferencesInput: PreferencesInput;
  }
}

declare module '../../graphql/context.ts' {
  interface Services {
    readonly preferences: PreferenceOperations;
  }
}
