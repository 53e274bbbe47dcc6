/** The place of a document in an order: its value at each sorted path, in the order of the sort. */
export type Place = readonly (readonly [path: string, value: unknown])[];

/** The filter for documents after a place in an ascending order. */
export const placesAfter = (place: Place) => ({
  $or: place.map(([path, value], index) => ({
    ...Object.fromEntries(place.slice(0, index)),
    [path]: { $gt: value },
  })),
});
