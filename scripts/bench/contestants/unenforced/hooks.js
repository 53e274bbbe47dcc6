const ENFORCEMENT = new URL('../../../../dist/enforcement/', import.meta.url).href;
let replaced = [];

export const initialize = (data) => {
  replaced = data.replaced;
};

/** The gateway's own module stays available under `?own`. */
export async function resolve(specifier, context, nextResolve) {
  const resolved = await nextResolve(specifier, context);
  const name = replaced.find((module) => resolved.url === `${ENFORCEMENT}${module}.js`);
  return name === undefined ? resolved : { ...resolved, url: new URL(`./${name}.js`, import.meta.url).href };
}
