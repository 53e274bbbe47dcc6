import type { openBrowser } from './browser.ts';

/** The text of the response pane from its top, without the space that indents and wraps it. */
export const ANSWER = 'document.querySelector(".result-window .view-lines").innerText.replaceAll(/\\s/g, "")';
export const QUERY = 'document.querySelector(".graphiql-query-editor .view-lines").innerText.replaceAll(/\\s+/g, " ")';
const READY =
  '[".graphiql-query-editor", ".result-window"].every((area) => document.querySelector(area + " .view-line"))';
export const TABS = '[...document.querySelectorAll(".graphiql-tab-button")].map((tab) => tab.title)';
export const CALLER = 'document.querySelector("#caller option:checked").textContent';
const EDITABLE = ':is(textarea, .native-edit-context)';
export const RUN = '.graphiql-execute-button';
export const RUNNABLE = `document.querySelector("${RUN}").ariaLabel.startsWith("Execute")`;

export const tabOf = (title: string) => `.graphiql-tab-button[title="${title}"]`;
export const OPEN_TAB = 'document.querySelector(".graphiql-tab-active .graphiql-tab-button").title';
export const HAS_WORKERS =
  'performance.getEntriesByType("resource").some(({ name }) => name.endsWith("graphql-worker.js"))';
const spaceless = (text: string) => JSON.stringify(text.replaceAll(/\s/g, ''));

type Browser = Awaited<ReturnType<typeof openBrowser>>;
export type Explorer = Awaited<ReturnType<typeof openExplorer>>;

/** Opens the explorer of a gateway in a new tab of the browser. */
export async function openExplorer(browser: Browser, origin: string, query = '') {
  const page = await browser.openPage();
  const load = async (address: string) => {
    await page.open(origin + address);
    await page.until(READY);
  };
  await load(`/graphql${query && `?query=${encodeURIComponent(query)}`}`);
  return {
    ...page,
    reload: () => load('/graphql'),
    /** Waits for an answer that begins so. */
    answers: (beginning: string) => page.until(`${ANSWER}.startsWith(${spaceless(beginning)}) && ${RUNNABLE}`),
    /** Waits for an answer that shows this text. */
    says: (text: string) => page.until(`${ANSWER}.includes(${spaceless(text)})`),
    text: (selector: string) => page.evaluate<string>(`document.querySelector('${selector}').textContent`),
    openTab: async (title: string) => {
      await page.click(tabOf(title));
      await page.until(`${QUERY}.includes("query ${title}")`);
    },
    focus: async (editor: string) => {
      await page.until(`!!document.querySelector('${editor} ${EDITABLE}')`);
      await page.evaluate(`document.querySelector('${editor} ${EDITABLE}').focus()`);
    },
    /** The number of requests to an address. */
    asked: (address: string) => page.requests.filter((url) => url === origin + address).length,
  };
}
