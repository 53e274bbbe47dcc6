import type { SubjectPage } from '../../subject/loader.ts';
import type { Subject } from '../../subject/subject.ts';
import type { Address } from '../../subject/values.ts';
import { feature } from '../feature.ts';
import { definePeople } from './schema.ts';

export const people = feature({ fields: definePeople });

declare module '../../graphql/builder.ts' {
  interface Objects {
    User: Subject;
    UserConnection: SubjectPage;
    Address: Address;
  }
}
