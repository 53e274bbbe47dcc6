/**
 * An element with its children. A text is put in as a text, never as markup.
 *
 * @param properties  of the element; names with a dash, and `role`, are attributes
 */
export const element = (name, properties = {}, ...children) => {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties))
    if (key.includes('-') || key === 'role') made.setAttribute(key, value);
    else made[key] = value;
  made.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return made;
};

export const button = (text, onclick, properties = {}) =>
  element('button', { type: 'button', onclick, ...properties }, text);
