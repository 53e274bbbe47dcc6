import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { openBrowser } from './browser.ts';

type Page = Awaited<ReturnType<Awaited<ReturnType<typeof openBrowser>>['openPage']>>;

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** The widths of a desk and of a phone, in CSS pixels. */
export const WIDTHS = [1440, 390] as const;

export const setWidth = (page: Pick<Page, 'call'>, width: number) =>
  page.call('Emulation.setDeviceMetricsOverride', { width, height: 900, deviceScaleFactor: 1, mobile: false });

/**
 * The faults of accessibility in a page as it stands, a line for each place.
 *
 * @param except  a selector of a part that is somebody else's
 */
export async function findingsIn(page: Pick<Page, 'evaluate'>, except?: string): Promise<string[]> {
  await page.evaluate(`${axe};0`);
  return page.evaluate(
    `axe.run(${except === undefined ? 'document' : JSON.stringify({ exclude: [except] })}).then(({ violations }) =>
      violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => [id, target, failureSummary].join(' '))))`,
  );
}

/** Whether the page is wider than its window, so that it has to be pushed sideways to be read. */
export const OVERFLOWS = 'document.documentElement.scrollWidth > document.documentElement.clientWidth';
