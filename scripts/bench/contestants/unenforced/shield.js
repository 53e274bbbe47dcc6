/** No rule in front of any field. */
export const enforce = () => {};
