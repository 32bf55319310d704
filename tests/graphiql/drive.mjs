/**
 * One visit to the GraphiQL page in Chromium: carries out the steps given as JSON on standard input and prints, as
 * JSON, what each step saw and everything the page asked for or complained about. It judges nothing.
 */
import { text } from 'node:stream/consumers';
import { chromium } from 'playwright-core';

const visit = JSON.parse(await text(process.stdin));
const browser = await chromium.launch({
  executablePath: visit.chromium,
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
});
const viewport = { width: visit.width, height: 860 };
const context = await browser.newContext({ viewport, colorScheme: visit.colorScheme });
context.setDefaultTimeout(visit.timeoutMs);
const page = await context.newPage();
const seen = { results: [], requests: [], complaints: [] };

context.on('request', (request) => seen.requests.push(request.url()));
page.on('pageerror', (error) => seen.complaints.push(`uncaught: ${error.message}`));
page.on('console', (message) => {
  if (['error', 'warning'].includes(message.type())) seen.complaints.push(`${message.type()}: ${message.text()}`);
});

const editor = (name) => page.locator(`.graphiql-container ${name} .CodeMirror`).first();
const readEditor = (name) => editor(name).evaluate((element) => element.CodeMirror.getValue());
const QUERY = '.graphiql-query-editor';
const VARIABLES = '.graphiql-editor-tool .graphiql-editor:not(.hidden)';
const RESULT = '.result-window';

const steps = {
  /** Open the page and wait until GraphiQL has read the schema. */
  async open() {
    await page.goto(visit.url);
    await steps.ready();
  },
  /** Only go there: for a page that is not GraphiQL yet. */
  async visit() {
    await page.goto(visit.url);
    return page.locator('body').innerText();
  },
  async ready() {
    await page.locator(QUERY).waitFor();
    await page.locator('[aria-label="Re-fetch GraphQL schema"] svg:not(.graphiql-spin)').waitFor();
  },
  /** What is typed is stored a moment later. */
  async waitUntilStored(text) {
    await page.waitForFunction((wanted) => localStorage.getItem('graphiql:tabState')?.includes(wanted), text);
  },
  async goTo(path) {
    await page.goto(new URL(path, visit.url).href);
    await steps.ready();
  },
  /** Make the browser one that never was here. */
  async forgetTabs() {
    await page.evaluate(() => localStorage.clear());
  },
  async reload() {
    await page.reload();
    await steps.ready();
  },
  /** Ask the server for something from outside the page. */
  async request(path) {
    return (await context.request.get(new URL(path, visit.url).href)).status();
  },
  async readText(selector) {
    return page.locator(selector).first().innerText();
  },
  /** Wait until the element says *text*; gives all that it then says. */
  async readWhenItSays({ selector, text }) {
    const element = page.locator(selector).filter({ hasText: text }).first();
    await element.waitFor();
    return element.innerText();
  },
  async listExamples() {
    return page.getByRole('region', { name: 'Operations' }).locator('.example-name').allInnerTexts();
  },
  async listProblems() {
    return page.locator('.example-problem').allInnerTexts();
  },
  /** Click a ready operation; gives the title of the tab that then shows and its texts. */
  async openExample(name) {
    await page.locator('.example').filter({ has: page.getByText(name, { exact: true }) }).click();
    await page.getByRole('tab', { name, selected: true }).waitFor();
    return { query: await readEditor(QUERY), variables: await readEditor(VARIABLES) };
  },
  async listTabs() {
    return page.locator('.graphiql-tabs [role=tab]').allInnerTexts();
  },
  async type(query) {
    await editor(QUERY).click();
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.insertText(query);
  },
  async typeVariables(text) {
    await editor(VARIABLES).click();
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.insertText(text);
  },
  /** Run what the editor holds; gives the answer's text. */
  async run() {
    const answered = page.waitForResponse((response) => response.request().method() === 'POST');
    await page.getByRole('button', { name: /^Execute query/ }).click();
    await answered;
    return steps.waitForAnswer('');
  },
  /** The same by Ctrl-Enter, which does not ask which of several operations is meant. */
  async runByKey() {
    await editor(QUERY).click();
    const answered = page.waitForResponse((response) => response.request().method() === 'POST');
    await page.keyboard.press('ControlOrMeta+Enter');
    await answered;
    return steps.waitForAnswer('');
  },
  /** Wait until the answer contains *wanted*; gives its whole text. */
  async waitForAnswer(wanted) {
    const element = await editor(RESULT).elementHandle();
    await page.waitForFunction(
      ([shown, text]) => shown.CodeMirror.getValue() !== '' && shown.CodeMirror.getValue().includes(text),
      [element, wanted],
    );
    return readEditor(RESULT);
  },
  async stop() {
    await page.getByRole('button', { name: /^Stop query/ }).click();
  },
  async signInAs(label) {
    await page.getByLabel('Sign in as').selectOption({ label });
    await page.locator('.session-who, .session-problem').first().waitFor();
    return page.locator('.session-who, .session-problem').first().innerText();
  },
  /** Choose a person, and do not wait for what comes of it. */
  async beginToSignInAs(label) {
    await page.getByLabel('Sign in as').selectOption({ label });
  },
  /** Press the button that runs the operation, and wait for nothing. */
  async beginToRun() {
    await page.getByRole('button', { name: /^Execute query/ }).click();
  },
  async pasteToken(token) {
    await page.getByLabel('Access token').fill(token);
    await page.getByRole('button', { name: 'Use', exact: true }).click();
    return page.locator('.session-bar').innerText();
  },
  async signOut() {
    await page.getByRole('button', { name: /^(Sign out|Remove token)$/ }).click();
  },
  async openPanel(title) {
    await page.getByRole('button', { name: `Show ${title}` }).click();
    return page.locator('.graphiql-plugin').innerText();
  },
  async readAll(selector) {
    return page.locator(selector).evaluateAll((all) => all.map((each) => each.textContent.replace(/\s+/g, ' ').trim()));
  },
  async readLink(name) {
    return page.getByRole('link', { name }).getAttribute('href');
  },
  /** Where each of these begins and ends from left to right, in pixels. */
  async measure(selector) {
    return page.locator(selector).evaluateAll((all) =>
      all.map((each) => each.getBoundingClientRect()).map(({ left, right }) => [left, right]),
    );
  },
  /** Whether all of it can be seen without scrolling, as soon as it can; a step that waits in vain has failed. */
  async isInView(selector) {
    await page.waitForFunction((wanted) => {
      const { top, bottom } = document.querySelector(wanted).getBoundingClientRect();
      return top >= 0 && bottom <= innerHeight + 1;
    }, selector);
    return true;
  },
  /** How wide the page is, with all that would have to be scrolled to. */
  async measureScroll() {
    return page.evaluate(() => document.documentElement.scrollWidth);
  },
  /** What the panel says that is open. */
  async readPanel() {
    return page.locator('.graphiql-plugin').innerText();
  },
  /** Click the button of this name. */
  async click(name) {
    await page.getByRole('button', { name, exact: true }).click();
  },
  /** Open what is folded below this text. */
  async unfold(text) {
    await page.locator('summary').filter({ hasText: text }).click();
  },
  async openSettings() {
    await page.getByRole('button', { name: 'Open settings dialog' }).click();
    return page.getByRole('dialog').innerText();
  },
  async storedOutsideTheTab() {
    return page.evaluate(() => JSON.stringify(localStorage) + document.cookie);
  },
  async screenshot(path) {
    await page.screenshot({ path });
  },
};

try {
  for (const [name, argument] of visit.steps) {
    try {
      seen.results.push((await steps[name](argument)) ?? null);
    } catch (error) {
      seen.failed = `${name}(${JSON.stringify(argument ?? null)}): ${error.message}`;
      if (visit.failureScreenshot) await page.screenshot({ path: visit.failureScreenshot });
      break;
    }
  }
} finally {
  await browser.close();
}
console.log(JSON.stringify(seen));
