import { readFile, rename, writeFile } from 'node:fs/promises';
import { connect } from './connect.js';
import { createCopy } from './copy.js';
import { createReceiver } from './receiver.js';

const { GATEWAY, CLIENT_ID, KEY, SCOPE, COPY, WEBHOOK_SECRET, PORT } = process.env;
const DAY = 86_400_000;
const MINUTE = 60_000;

const kept = await readFile(COPY, 'utf8').then(JSON.parse, () => ({ listedAt: 0, people: [] }));
let { listedAt } = kept;
const people = new Map(kept.people);
const save = async () => {
  await writeFile(`${COPY}.new`, JSON.stringify({ listedAt, people: [...people] }), { mode: 0o600 });
  await rename(`${COPY}.new`, COPY);
};
const key = JSON.parse(await readFile(KEY, 'utf8'));
const client = await connect({ gateway: GATEWAY, clientId: CLIENT_ID, key, scope: SCOPE });
const copy = createCopy({ client, people, save });

async function synchronise() {
  let events = 0;
  try {
    // nothing tells of people who are shown for the first time, or again
    if (Date.now() - listedAt > DAY) {
      await copy.list();
      listedAt = Date.now();
    }
    events = await copy.poll();
  } catch (error) {
    // without a contract in force there is no token, and nothing of the copy may be used
    if (error.error !== 'unauthorized_client') throw error;
    people.clear();
  }
  await save();
  console.log(JSON.stringify({ people: people.size, events }));
}

await synchronise();
if (WEBHOOK_SECRET) {
  let last = Promise.resolve();
  // one at a time
  const next = () => {
    last = last.then(synchronise).catch((error) => console.error(error.message));
  };
  createReceiver(WEBHOOK_SECRET, next).listen(PORT);
  setInterval(next, MINUTE);
}
