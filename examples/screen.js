/** The screen of every example: somebody's switches, and what they see of another person. */

/** The switches that are drawn, of those that the policy has. */
const SWITCHES = {
  imvuNewsletter: 'Newsletter',
  friendMessage: 'Mail when a friend writes',
  adTargeting: 'Targeted ads',
};

const escaped = (text) => String(text).replaceAll(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
const postsOf = ({ posts }) => posts.map(({ text }) => `<li>${escaped(text)}</li>`).join('');

/**
 * @param me  the person, with their `preferences`
 * @param other  another person; `email` is null where it is denied
 * @param denial  why the other's email is denied: `{ category, reason }`; null where it is not
 * @param set  sets switches: `{ adTargeting: false }`
 */
export function draw(root, { me, other, denial, set }) {
  const switches = Object.entries(SWITCHES).map(
    ([name, label]) =>
      `<label><input type="checkbox" name="${name}"${me.preferences[name] ? ' checked' : ''}> ${label}</label>`,
  );
  const email = denial
    ? `<em class="denied" title="${denial.reason}">not shown to you (${denial.reason})</em>`
    : escaped(other.email ?? 'none');
  root.innerHTML =
    `<h1>${escaped(me.avatarName)}</h1>${switches.join('')}<ul id="mine">${postsOf(me)}</ul>` +
    `<h2>${escaped(other.avatarName)}</h2><p>Mail: ${email}</p><ul id="theirs">${postsOf(other)}</ul>`;
  root.onchange = ({ target }) => set({ [target.name]: target.checked });
}
