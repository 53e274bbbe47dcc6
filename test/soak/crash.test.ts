import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { crash } from '../support/engines.ts';
import { IS_SOAK } from '../support/rounds.ts';
import { openShell } from '../support/shell.ts';
import { member, partner } from '../support/world.ts';
import { createClient, openStage, type Reply, report, SOAK_TIMEOUT_MS } from './soak.ts';

// The database is killed again and again under a gateway in use; all is told from outside, as its callers see it.

const ROUNDS = 10;
const WRITERS = 12;
const READERS = 4;
const ROUND_MS = 2_000;
const PAUSE_MS = 50;

const READ = 'query ($id: ID!) { user(id: $id) { email } }';
const HISTORY = `{ me {
  consents(first: 100) { ledgerEntry { number hash } }
  posts(first: 100) { text }
  thirdPartyShares(first: 100) { requestId }
} }`;
const act = (give: boolean) =>
  `mutation { ${give ? 'giveConsent' : 'withdrawConsent'}(purpose: "targetedOffers") { ledgerEntry { number hash } } }`;
const POST = 'mutation ($text: String!) { submitPost(forum: "soak", text: $text) { post { id } } }';

interface Person {
  readonly token: string;
  /** Their id, as the reader knows them. */
  readonly partnerId: string;
  /** The acknowledged acts and shown data since the last look: the hash of an act, a text, the id of a request. */
  readonly due: Set<string>;
}

test.runIf(IS_SOAK)(
  'kill -9 of the database, ten times under reads and writes: nothing acknowledged is lost, nothing is shown that is not on record',
  async () => {
    const stage = await openStage({}, true);
    const { ask, close } = createClient(stage.gateway.origin, 64);
    const mailer = await stage.token(partner('mailwing', 'service-notice', 'email'));
    const people: Person[] = [];
    // some of the demo world's people are sealed or have closed their accounts
    for (let n = 1; people.length < WRITERS; n++) {
      const token = await stage.token(member(`u${n}`));
      const { text } = await ask(token, '{ me { status partnerId(clientId: "mailwing") } }');
      const { status, partnerId } = JSON.parse(text).data.me;
      if (status === 'ACTIVE') people.push({ token, partnerId, due: new Set() });
    }
    const counts = { acknowledged: 0, shown: 0, refused: 0, checked: 0 };
    const faults: string[] = [];

    const attempt = async (asked: Promise<Reply>, note: (reply: Reply, data: never) => void) => {
      const reply = await asked;
      const { data, errors } = JSON.parse(reply.text);
      if (reply.status === 503 && data === undefined) counts.refused += 1;
      else if (reply.status === 200 && errors === undefined) note(reply, data as never);
      else faults.push(`${reply.status} ${JSON.stringify(errors)}`);
    };

    const write = async ({ token, due }: Person, until: () => boolean) => {
      for (let n = 0; !until(); n++) {
        await attempt(ask(token, act(n % 2 === 0)), (_, data: Record<string, { ledgerEntry: { hash: string } }>) => {
          for (const { ledgerEntry } of Object.values(data)) due.add(ledgerEntry.hash);
          counts.acknowledged += 1;
        });
        const text = `post ${n} ${Math.random().toString(36)}`;
        await attempt(ask(token, POST, { text }), () => {
          due.add(text);
          counts.acknowledged += 1;
        });
        await sleep(PAUSE_MS);
      }
    };
    const read = async (first: number, until: () => boolean) => {
      for (let n = first; !until(); n++) {
        const { partnerId, due } = people[n % people.length] as Person;
        await attempt(
          ask(mailer, READ, { id: partnerId }),
          ({ requestId }, data: { user: { email: string } | null }) => {
            if (data.user?.email === undefined) return;
            due.add(requestId);
            counts.shown += 1;
          },
        );
        await sleep(PAUSE_MS);
      }
    };
    const check = async ({ token, due }: Person) => {
      const { text } = await ask(token, HISTORY);
      const { consents, posts, thirdPartyShares } = JSON.parse(text).data.me;
      const held = new Set<string>([
        ...consents.map(({ ledgerEntry }: { ledgerEntry: { hash: string } }) => ledgerEntry.hash),
        ...posts.map((post: { text: string }) => post.text),
        ...thirdPartyShares.map(({ requestId }: { requestId: string }) => requestId),
      ]);
      faults.push(...[...due].filter((mark) => !held.has(mark)).map((mark) => `lost: ${mark}`));
      counts.checked += due.size;
      due.clear();
    };

    const recoveries: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      let over = false;
      const busy = [
        ...people.map((person) => write(person, () => over)),
        ...Array.from({ length: READERS }, (_, n) => read(n * 3, () => over)),
      ];
      await sleep(ROUND_MS * (0.5 + Math.random()));
      await crash(stage.dataDir);
      const killed = performance.now();
      await sleep(200);
      while ((await ask(people[0]?.token ?? null, '{ me { id } }')).status !== 200) await sleep(50);
      recoveries.push(performance.now() - killed);
      over = true;
      await Promise.all(busy);
      await Promise.all(people.map(check));
    }
    report(JSON.stringify(counts));
    report(`answered again after ms: ${recoveries.map((ms) => ms.toFixed(0)).join(' ')}`);
    close();

    const shell = openShell({ DATA_DIR: stage.dataDir });
    const verified = await shell.run('npm run -s ledger -- verify; echo "exit $?"');
    shell.close();
    report(verified);
    await stage.close();
    expect(faults).toEqual([]);
    expect(verified).toMatch(/exit 0$/);
  },
  SOAK_TIMEOUT_MS,
);
