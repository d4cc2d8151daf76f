// A list of 5,000 live stations: however far one scrolls, few rows stand in the page, and a change is drawn in its own row alone.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { launch } from "./browser.mjs";
import { world } from "./world.mjs";

const { SETUP_URL, HTTP_URL: base, PICTURES } = process.env;
const MANY = 5_000;
const MOST_ROWS = 80;
const FAR = "CS-4321";

const browser = await launch();
const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, locale: "en-GB", reducedMotion: "reduce" });
page.setDefaultTimeout(20_000);
const post = async (path, data) => {
  const answer = await page.request.post(`${base}/api/v1${path}`, { data, headers: { Origin: base } });
  assert.ok(answer.ok(), `${path}: ${answer.status()} ${await answer.text()}`);
  return answer.json();
};
const station = (name) => page.getByRole("link", { name, exact: true });
const rows = () => page.locator("tbody tr[data-index]").count();
const scrollTo = (index) => page.getByRole("region", { name: "Stations" }).evaluate((region, at) => { region.scrollTop = at * 48; }, index);

let failed = false;
try {
  await post("/setup", { token: new URL(SETUP_URL).searchParams.get("token"), email: "ana@example.org", name: "Ana", password: "three random words", organisation_name: "Sunny" });
  const passwords = new Map();
  for (let first = 0; first < MANY; first += 1_000) {
    const items = [...Array(1_000).keys()].map((more) => ({ identity: `CS-${String(first + more).padStart(4, "0")}` }));
    for (const made of (await post("/stations/import", { items })).items) passwords.set(made.identity, made.password);
  }
  await world("connect", FAR, passwords.get(FAR));

  await page.goto(`${base}/stations`);
  await station("CS-0000").waitFor();
  assert.equal(await page.getByRole("table", { name: "Stations" }).getAttribute("aria-rowcount"), String(MANY + 1));
  assert.ok((await rows()) < MOST_ROWS, `${await rows()} rows at the top`);

  await scrollTo(4_315);
  await station(FAR).waitFor();
  assert.ok((await rows()) < MOST_ROWS, `${await rows()} rows far down`);
  const row = page.getByRole("row").filter({ has: station(FAR) });
  await row.getByText("Available").first().waitFor();
  await page.getByText("1 of 5,000 stations online").waitFor(); // the live snapshot is here, which every row takes once

  await page.evaluate(() => new Promise((calm) => { // what came into view is read anew, and has its say first
    let timer = setTimeout(calm, 1_000);
    new MutationObserver(() => { clearTimeout(timer); timer = setTimeout(calm, 1_000); })
      .observe(document.querySelector("tbody"), { subtree: true, childList: true, characterData: true, attributes: true });
  }));
  await page.evaluate(() => {
    window.changed = new Set();
    new MutationObserver((all) => all.forEach((one) => {
      const at = (one.target.nodeType === 1 ? one.target : one.target.parentElement)?.closest("tr[data-index]");
      window.changed.add(at ? at.querySelector("a")?.textContent : "the table");
    })).observe(document.querySelector("tbody"), { subtree: true, childList: true, characterData: true, attributes: true });
  });
  await world("plug", FAR, "1");
  await row.getByText("Plugged in").waitFor();
  assert.deepEqual(await page.evaluate(() => [...window.changed]), [FAR]);

  await station(FAR).click();
  await page.getByRole("heading", { name: FAR }).waitFor();
  await page.goBack();
  await station(FAR).waitFor(); // where one left off
  await page.getByPlaceholder(/^Identity/).pressSequentially("CS-00", { delay: 300 }); // as a person does, with pauses: it is told in between
  assert.equal(await page.getByPlaceholder(/^Identity/).inputValue(), "CS-00");
  await station("CS-0099").or(station("CS-0000")).first().waitFor();
  await page.getByRole("table", { name: "Stations" }).and(page.locator("[aria-rowcount='101']")).waitFor();
  await page.getByPlaceholder(/^Identity/).fill("");
  await page.getByRole("table", { name: "Stations" }).and(page.locator(`[aria-rowcount='${MANY + 1}']`)).waitFor();
  await page.getByLabel("Select all that are listed").click();
  await page.getByText("5,000 selected").waitFor();
} catch (error) {
  console.log(error.stack);
  mkdirSync(PICTURES, { recursive: true });
  await page.screenshot({ path: `${PICTURES}/live-list.png` });
  failed = true;
}
await browser.close();
process.exit(failed ? 1 : 0); // what is asked of the world keeps the input open
