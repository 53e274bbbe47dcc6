import type { Chains } from '../../store/mongo/repositories/chains.ts';
import type { BookDocument } from '../book/book-document.ts';
import type { StoredEntry } from './verify-person.ts';

/** Every chain as it is stored. */
export type StoredChains = Chains<StoredEntry, BookDocument>;
