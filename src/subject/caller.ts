import type { Recipient } from '../policy/facts.ts';
import type { CategoryMask, StaffRole } from '../policy/vocabulary.ts';
import type { PersonDocument } from './model.ts';

/** The holder of the token of a request. */
export type Caller =
  /** Nobody signed in; `registrant` is the id in a token for a person without a record yet. */
  | { readonly kind: 'VISITOR'; readonly registrant: string | null }
  | { readonly kind: 'MEMBER'; readonly person: PersonDocument }
  | {
      readonly kind: 'PARTNER';
      readonly recipient: Recipient;
      readonly purpose: string;
      readonly scope: CategoryMask;
      readonly tokenId: string;
    }
  | {
      readonly kind: 'STAFF';
      readonly role: StaffRole;
      readonly purpose: string;
      readonly tokenId: string;
      /** The `sub` of the token: the member of staff. */
      readonly sub: string;
    };
