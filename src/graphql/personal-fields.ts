import { classified } from '../enforcement/classification.ts';
import type { PersonDocument } from '../subject/model.ts';
import type { Subject } from '../subject/subject.ts';
import { countOf } from './arguments.ts';
import type { Builder } from './builder.ts';

/** The last sentence of the description of a field that the policy may deny. */
export const DENIABLE = 'Null with `FORBIDDEN` where the policy denies it.';

/** A field of `User` that is read from the person's own privacy record. */
export const fromAccount = <Value>(read: (person: PersonDocument) => Value) => ({
  nullable: true as const,
  extensions: classified('ACCOUNT'),
  resolve: (subject: Subject) => read(subject.reveal('ACCOUNT').person),
});

const MOST = 100;

type UserFields = Parameters<Parameters<Builder['queryFields']>[0]>[0];

/** The argument of a list that has the newest first. */
export const newest = (t: Pick<UserFields, 'arg'>) => ({
  first: t.arg.int({ description: `How many of the newest are wanted, up to ${MOST}.` }),
});

/** How many items the argument asks for. @throws {ApiError} BAD_INPUT */
export const newestWanted = (first: number | null | undefined): number => countOf('first', first, MOST, MOST);
