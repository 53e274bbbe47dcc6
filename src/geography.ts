export { COUNTRIES } from './policy/countries.ts';
