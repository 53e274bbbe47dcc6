/** Gives or withdraws a consent: the state in the person's document, the act in a history of its own. */
export function createConsents({ store: { connection, write, read } }) {
  const db = connection.getClient().db(connection.name);
  const people = db.collection('people');
  const history = db.collection('peer_consents');
  const settings = { writeConcern: write };
  return async ({ _id }, purpose, action) => {
    const given = action === 'GIVEN';
    const path = `facts.consents.${purpose}`;
    const at = new Date();
    const person = await people.findOneAndUpdate(
      { _id, [`${path}.given`]: { $ne: given } },
      { $set: { [path]: { given, at } }, $inc: { revision: 1 } },
      { ...settings, returnDocument: 'after' },
    );
    if (person) {
      const policyVersion = person.facts.acceptedVersion;
      const act = { sid: _id, at: at.toISOString(), purpose, action, policyVersion, expression: 'EXPRESS' };
      await history.insertOne(act, settings);
    }
    const now = person ?? (await people.findOne({ _id }, read));
    return { person: now, consent: { purpose, action, inForce: given } };
  };
}
