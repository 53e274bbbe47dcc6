const PERSON = 'id name email gender birthDate postalAddress { street city postalCode country }';
/** Events of one page, and so the most people who are read again in one request. */
const TOGETHER = 50;
const EVENTS = `{ partnerEvents(first: ${TOGETHER}) { edges { node { kind personId } } pageInfo { endCursor } } }`;
const ACKNOWLEDGE = 'mutation ($through: String!) { acknowledgePartnerEvents(through: $through) }';

/**
 * A copy of what the gateway shows a partner.
 *
 * @param people  the copy as it was kept, by the partner's own ids
 * @param save  keeps the copy; awaited before anything is acknowledged
 * @param person  the fields of a person that the copy has, the id among them
 */
export function createCopy({ client, people = new Map(), save = async () => {}, person = PERSON }) {
  const answered = async (answer) => {
    const { data, faults } = await answer;
    // a field that is denied is no fault: it is null, in the copy too
    if (faults.length > 0) throw new Error(`${faults[0].code}: ${faults[0].message}`);
    return data;
  };
  const pages = `query ($after: String) {
    users(first: 100, after: $after) { edges { node { ${person} } } pageInfo { hasNextPage endCursor } }
  }`;

  /** A person of whom nothing is shown any more is null. */
  async function readAgain(ids) {
    if (ids.length === 0) return;
    const fields = ids.map((id, index) => `p${index}: user(id: ${JSON.stringify(id)}) { ${person} }`);
    const found = await answered(client.query(`{ ${fields.join(' ')} }`));
    for (const one of Object.values(found)) if (one) people.set(one.id, one);
  }

  /** The copy forgets first, whatever is asked, and then reads again what is still shown. To do so twice does no harm. */
  async function carryOut(events) {
    const ids = new Set();
    for (const { kind, personId } of events) {
      if (kind === 'contract.ended') people.clear();
      else {
        people.delete(personId);
        ids.add(personId);
      }
    }
    await readAgain([...ids]);
  }

  return {
    people,

    /** Reads everybody. People who are not shown any more leave the copy. */
    async list() {
      const gone = new Set(people.keys());
      for (let after = null, more = true; more; ) {
        const { users } = await answered(client.query(pages, { after }));
        for (const { node } of users.edges) {
          people.set(node.id, node);
          gone.delete(node.id);
        }
        ({ hasNextPage: more, endCursor: after } = users.pageInfo);
      }
      for (const id of gone) people.delete(id);
      await save();
    },

    /** Carries out all events that wait, and acknowledges them. @returns how many there were */
    async poll() {
      for (let count = 0; ; ) {
        const { edges, pageInfo } = (await answered(client.query(EVENTS))).partnerEvents;
        if (edges.length === 0) return count;
        await carryOut(edges.map(({ node }) => node));
        await save();
        await answered(client.mutate(ACKNOWLEDGE, { through: pageInfo.endCursor }, { repeatable: true }));
        count += edges.length;
      }
    },
  };
}
