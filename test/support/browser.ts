import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';

type Message = {
  id?: number;
  sessionId?: string;
  method?: string;
  params?: unknown;
  result?: unknown;
  error?: unknown;
};
type Call = (method: string, params?: object) => Promise<unknown>;

/** The path of an installed Chromium, or null. */
export function findChromium(): string | null {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const candidates = folders.flatMap((folder) =>
    ['chromium', 'chromium-browser', 'google-chrome'].map((name) => join(folder, name)),
  );
  return candidates.find(isExecutable) ?? null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Starts a headless Chromium that resolves no host but this machine's address, and drives it through its
 * debugging pipe.
 *
 * @see https://chromedevtools.github.io/devtools-protocol/
 */
export async function openBrowser(executable: string) {
  const profile = await mkdtemp(join(tmpdir(), 'assent-browser-'));
  const child = spawn(
    executable,
    [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--no-first-run',
      '--remote-debugging-pipe',
      `--user-data-dir=${profile}`,
      '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1',
    ],
    { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] },
  );
  const connection = connect(child.stdio[3] as Writable, child.stdio[4] as Readable);

  const close = async () => {
    const exited = new Promise((resolve) => child.once('exit', resolve));
    await connection.send('Browser.close');
    await exited;
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  };

  return { openPage: () => openPage(connection), close };
}

/** Messages are JSON texts that each end with a NUL. */
function connect(output: Writable, input: Readable) {
  const waiting = new Map<number, { resolve: (result: unknown) => void; reject: (error: Error) => void }>();
  const listeners: ((message: Message) => void)[] = [];
  let lastId = 0;
  let rest = '';

  const receive = (message: Message) => {
    const call = message.id === undefined ? undefined : waiting.get(message.id);
    if (!call) for (const listener of listeners) listener(message);
    else if (message.error) call.reject(new Error(JSON.stringify(message.error)));
    else call.resolve(message.result);
  };

  input.setEncoding('utf8');
  input.on('data', (chunk: string) => {
    const texts = (rest + chunk).split('\0');
    rest = texts.pop() ?? '';
    for (const text of texts) receive(JSON.parse(text));
  });

  const send = (method: string, params: object = {}, sessionId?: string) =>
    new Promise<unknown>((resolve, reject) => {
      lastId += 1;
      waiting.set(lastId, { resolve, reject });
      output.write(`${JSON.stringify({ id: lastId, method, params, sessionId })}\0`);
    });

  return { send, listen: (listener: (message: Message) => void) => listeners.push(listener) };
}

/** An answer to a page in the place of its gateway. */
export interface StandIn {
  readonly status: number;
  readonly body: object;
}

/** The time that an action of a page may take on a busy machine. */
export const PATIENCE_MS = 60_000;

/** A tab with its own session: its network requests, its complaints, and ways to use it. */
async function openPage({ send, listen }: ReturnType<typeof connect>) {
  const { targetId } = (await send('Target.createTarget', { url: 'about:blank' })) as { targetId: string };
  const { sessionId } = (await send('Target.attachToTarget', { targetId, flatten: true })) as { sessionId: string };
  const call: Call = (method, params) => send(method, params, sessionId);

  const requests: string[] = [];
  const complaints: string[] = [];
  listen((message) => {
    if (message.sessionId !== sessionId) return;
    if (message.method === 'Network.requestWillBeSent')
      requests.push((message.params as { request: { url: string } }).request.url);
    if (message.method === 'Runtime.exceptionThrown') complaints.push(JSON.stringify(message.params));
    if (message.method === 'Log.entryAdded')
      complaints.push(JSON.stringify((message.params as { entry: unknown }).entry));
  });
  await Promise.all(['Network.enable', 'Runtime.enable', 'Log.enable', 'Page.enable'].map((method) => call(method)));
  await call('Emulation.setDeviceMetricsOverride', { width: 1280, height: 800, deviceScaleFactor: 1, mobile: false });

  const evaluate = async <T>(expression: string): Promise<T> => {
    const answer = await call('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
    const { result, exceptionDetails } = answer as { result: { value: T }; exceptionDetails?: unknown };
    if (exceptionDetails) throw new Error(JSON.stringify(exceptionDetails));
    return result.value;
  };

  const until = async (expression: string) => {
    const end = Date.now() + PATIENCE_MS;
    while (Date.now() < end) {
      if (await evaluate<boolean>(expression)) return;
      await setTimeout(50);
    }
    throw new Error(`It did not come true within ${PATIENCE_MS} ms: ${expression}`);
  };

  /** One click of the mouse in the middle of an element; the button is let go where it was pressed. */
  const click = async (selector: string) => {
    const element = `document.querySelector(${JSON.stringify(selector)})`;
    await until(`!!${element}`);
    const middle = await evaluate<{ x: number; y: number }>(
      `(({ x, y, width, height }) => ({ x: x + width / 2, y: y + height / 2 }))(${element}.getBoundingClientRect())`,
    );
    for (const type of ['mouseMoved', 'mousePressed', 'mouseReleased'])
      await call('Input.dispatchMouseEvent', { type, ...middle, button: 'left', clickCount: 1 });
  };

  /** One key down and up again; it types `text`. */
  const press = async (key: string, { text = '', ctrl = false } = {}) => {
    const code = { Enter: 13, Tab: 9, ' ': 32 }[key] ?? key.toUpperCase().charCodeAt(0);
    const event = { key, windowsVirtualKeyCode: code, modifiers: ctrl ? 2 : 0 };
    await call('Input.dispatchKeyEvent', { type: text ? 'keyDown' : 'rawKeyDown', text, ...event });
    await call('Input.dispatchKeyEvent', { type: 'keyUp', ...event });
  };

  /**
   * Asks `answer` at each request to a path: its result is the response, and null sends the request on to the gateway.
   *
   * @returns a function that ends it
   */
  const intercept = async (path: string, answer: () => Promise<StandIn | null>) => {
    let isOver = false;
    listen(async ({ sessionId: session, method, params }) => {
      if (isOver || session !== sessionId || method !== 'Fetch.requestPaused') return;
      const { requestId } = params as { requestId: string };
      const standIn = await answer();
      await (standIn
        ? call('Fetch.fulfillRequest', {
            requestId,
            responseCode: standIn.status,
            responseHeaders: [{ name: 'content-type', value: 'application/json' }],
            body: Buffer.from(JSON.stringify(standIn.body)).toString('base64'),
          })
        : call('Fetch.continueRequest', { requestId })
      ).catch(() => {}); // it is over, or the page is closed
    });
    await call('Fetch.enable', { patterns: [{ urlPattern: `*${path}` }] });
    return async () => {
      isOver = true;
      await call('Fetch.disable');
    };
  };

  const screenshot = async () => {
    const { data } = (await call('Page.captureScreenshot')) as { data: string };
    return Buffer.from(data, 'base64');
  };

  return {
    requests,
    complaints,
    call,
    evaluate,
    until,
    click,
    press,
    intercept,
    screenshot,
    open: (url: string) => call('Page.navigate', { url }),
    close: () => send('Target.closeTarget', { targetId }),
  };
}
