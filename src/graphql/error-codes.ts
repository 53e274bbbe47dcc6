import { ERROR_CODES, ERROR_MEANINGS, type ErrorCode } from '../base/errors.ts';
import { described } from './policy-enums.ts';
import type { SchemaPart } from './schema-part.ts';

/** Declares the codes of errors. No field has one: they stand in `extensions`, and clients make types of the enum. */
export function defineErrorCodes({ builder }: Pick<SchemaPart, 'builder'>): void {
  builder.enumType('ErrorCode', {
    description: 'The values of `extensions.code` of an error.',
    values: described(ERROR_MEANINGS, Object.keys(ERROR_CODES) as ErrorCode[]),
  });
}
