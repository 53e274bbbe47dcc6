// @ts-check
// Loaded before a program, it puts the clock of its machine off: by so many milliseconds as the environment says.

const Real = Date;
const shift = Number(process.env.SHIFT_DATE_MS ?? 0);

globalThis.Date = new Proxy(Real, {
  construct: (target, given, made) => Reflect.construct(target, given.length > 0 ? given : [Real.now() + shift], made),
  apply: () => new Real(Real.now() + shift).toString(),
  get: (target, name, receiver) =>
    name === 'now'
      ? () => Real.now() + shift
      : Reflect.get(target, name, receiver === globalThis.Date ? target : receiver),
});
