/** Where a document stands in an order: the value of each path that it is sorted by, the first to decide first. */
export type Place = readonly (readonly [path: string, value: unknown])[];

/** The filter for documents that stand after a place in an ascending order. */
export const placesAfter = (place: Place) => ({
  $or: place.map(([path, value], index) => ({
    ...Object.fromEntries(place.slice(0, index)),
    [path]: { $gt: value },
  })),
});
