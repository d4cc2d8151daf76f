// An operator's first day, in a real browser against the real server and simulated stations.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { accessible, accessibleWhenOpen } from "./axe.mjs";
import { launch, signIn } from "./browser.mjs";
import { world } from "./world.mjs";

const { SETUP_URL, HTTP_URL: base, PICTURES } = process.env;
const ADMIN = { email: "ana@example.org", password: "three random words" };
const VIEWER = { email: "vera@example.org", password: "another three words" };
const HOST = { email: "sam@example.org", password: "three further words" };
const ON_SCREEN_WITHIN_MS = 1_000;

const browser = await launch();
const context = await browser.newContext({ viewport: { width: 1366, height: 900 }, locale: "en-GB", reducedMotion: "reduce" });
context.setDefaultTimeout(process.env.GO_ON ? 6_000 : 15_000);
const page = await context.newPage();
const errors = [];
const asked = new Set();
context.on("request", (request) => asked.add(`${request.method().toLowerCase()} ${new URL(request.url()).pathname}`));
page.on("pageerror", (error) => errors.push(error.message));
page.on("console", (message) => message.type() === "error" && !/Failed to load resource|ERR_INTERNET_DISCONNECTED/.test(message.text()) && errors.push(message.text()));

const button = (name, exact = true) => page.getByRole("button", { name, exact });
const see = (text) => page.getByText(text).first().waitFor();
const dialog = () => page.getByRole("dialog");
const tray = (text) => page.getByRole("status", { name: /Commands/ }).getByText(text).first().waitFor();

/** Has the page itself note when it draws the words in there, by the same clock as the world's; they must not stand there yet. */
async function whenDrawn(region, words) {
  await region.evaluate((element, words) => {
    const there = () => element.textContent.includes(words);
    if (there()) throw new Error(`"${words}" stands there already`);
    window.drawn = new Promise((draws) => {
      new MutationObserver((_, observer) => {
        if (!there()) return;
        observer.disconnect();
        requestAnimationFrame(() => draws(Date.now()));
      }).observe(element, { subtree: true, childList: true, characterData: true });
    });
  }, words);
  return async () => {
    await region.getByText(words).first().waitFor();
    return page.evaluate(() => window.drawn);
  };
}

let password = "";
const steps = {
  async "sets the system up: administrator, organisation, location"() {
    await page.goto(SETUP_URL);
    await page.getByLabel("Organisation").fill("Sunny Charging");
    await page.getByLabel("Your name").fill("Ana Meyer");
    await page.getByLabel("E-mail address").fill(ADMIN.email);
    await page.getByRole("textbox", { name: "Password" }).fill(ADMIN.password);
    await accessible(page, "set-up");
    await button("Create and sign in").click();
    await page.getByLabel("Name of the location").fill("Harbour");
    await page.getByLabel("City").fill("Hamburg");
    await page.getByLabel("Latitude").fill("53.54");
    await page.getByLabel("Longitude").fill("9.98");
    await button("Save").click();
  },
  async "connects the first station and sees its handshake"() {
    await page.getByLabel("Identity").fill("CS-001");
    await button("Create station").click();
    await see("Waiting for CS-001 to connect");
    password = await page.locator("code").nth(2).innerText();
    await world("connect", "CS-001", password);
    await see("The station connected from");
    await page.locator('li[data-done="true"]').nth(2).waitFor();
    await see("BootNotification");
    await page.getByRole("link", { name: "Open the station" }).click();
    await page.getByRole("heading", { name: "CS-001" }).waitFor();
  },
  async "says what the station cannot: its name, a label, the kind of plug and its limits"() {
    const evse = page.getByRole("region", { name: "EVSE 1" });
    await evse.getByRole("button", { name: "Actions: EVSE 1" }).click();
    await page.getByRole("menuitem", { name: "Edit" }).click();
    await dialog().getByLabel("Label").fill("Left");
    await dialog().getByRole("combobox", { name: "Type" }).fill("Type 2");
    await page.getByRole("option", { name: "Type 2", exact: true }).click();
    await dialog().getByRole("combobox", { name: "Format" }).click();
    await page.getByRole("option", { name: "Own cable" }).click();
    await dialog().getByLabel("Max. power (kW)").fill("22");
    await dialog().getByLabel("Max. current (A)").fill("32");
    await dialog().getByLabel("Max. voltage (V)").fill("0");
    await accessible(page, "an evse's form");
    await button("Save").click();
    await dialog().getByText("must be at least 1", { exact: true }).waitFor();
    await dialog().getByLabel("Max. voltage (V)").fill("230");
    await button("Save").click();
    await evse.getByText("Type 2 · 22").waitFor();
    await evse.getByText("Left", { exact: true }).waitFor();
    await page.goto(`${base}/stations/CS-001?ask=edit`);
    await dialog().getByLabel("Name").fill("By the gate");
    await button("Save").click();
    await page.getByRole("heading", { name: "CS-001 · By the gate" }).waitFor();
    await page.goto(`${base}/settings/audit`);
    await see("connector 1.1");
  },
  async "adds an id token"() {
    await page.route("**/api/v1/organisations?*", async (route) => { // slower than the person: whose the token is must wait for it
      await new Promise((then) => setTimeout(then, 3_000));
      await route.continue();
    });
    await page.goto(`${base}/access`);
    await button("Add id token").click();
    await dialog().getByLabel("Id token").fill("GOOD-1");
    await dialog().getByLabel("Label").fill("Ada");
    await page.keyboard.press("Escape");
    await see("What you entered here is not saved yet");
    await button("Stay here").click();
    await page.goBack();
    await button("Stay here").click();
    assert.equal(await dialog().getByLabel("Label").inputValue(), "Ada");
    await dialog().getByLabel("Label").press("Control+Enter");
    await button("GOOD-1").waitFor();
    await page.unroute("**/api/v1/organisations?*");
    const [token] = await page.evaluate(async () => (await (await fetch("/api/v1/id-tokens?search=GOOD-1")).json()).items);
    assert.ok(token.organisation_id, "a token of nobody");
    await button("Add id token").click();
    await dialog().getByLabel("Label").fill("nobody");
    await dialog().getByRole("button", { name: "Cancel" }).click();
    await dialog().waitFor({ state: "hidden" });
  },
  async "sees a car plugged in within a second, starts, watches the session live"() {
    await page.goto(`${base}/stations/CS-001`);
    await page.getByRole("region", { name: "EVSE 1" }).getByText("Available").waitFor();
    const took = [];
    for (const [does, words] of [["plug", "Plugged in"], ["unplug", "Available"], ["plug", "Plugged in"], ["unplug", "Available"], ["plug", "Plugged in"]]) {
      const drawn = await whenDrawn(page.getByRole("region", { name: "EVSE 1" }), words);
      const began = await world(does, "CS-001", "1");
      took.push((await drawn()) - began);
    }
    const median = took.toSorted((a, b) => a - b)[took.length >> 1]; // one slow moment of a busy machine says nothing, most of them do
    console.log(`changes at the station were on the screen after ${took.join(", ")} ms, in the middle ${median} ms`);
    assert.ok(median <= ON_SCREEN_WITHIN_MS, `changes at the station were on the screen after ${took.join(", ")} ms`);
    await page.getByRole("region", { name: "EVSE 1" }).getByRole("button", { name: "Start" }).click();
    await dialog().getByRole("combobox", { name: "Id token" }).fill("GOOD-1");
    await dialog().getByRole("button", { name: "Start" }).click();
    await tray("confirmed");
    await page.getByRole("region", { name: "EVSE 1" }).getByText("Charging").waitFor();
    await page.getByRole("region", { name: "EVSE 1" }).getByRole("link", { name: "GOOD-1" }).waitFor();
    await world("meter", "CS-001", "1");
    await page.getByRole("region", { name: "EVSE 1" }).getByText("kW", { exact: true }).waitFor();
  },
  async "reads the session, its curve and the messages behind it, and stops it"() {
    await page.getByRole("link", { name: /Session \d+/ }).click();
    await page.getByRole("heading", { name: /Session \d+/ }).waitFor();
    await see("Charging now");
    await accessible(page, "a running session");
    await button("Open").click();
    await page.getByRole("button", { name: /StartTransaction/ }).first().click();
    await see('"idTag": "GOOD-1"');
    await button("Stop").click();
    await dialog().getByText("GOOD-1 is charging on EVSE 1").waitFor();
    await dialog().getByRole("button", { name: "Stop" }).click();
    await tray("confirmed");
    await see("Session ended: from here");
  },
  async "resets the station"() {
    await page.goto(`${base}/stations/CS-001?ask=reset`);
    await dialog().getByText("The station ends running sessions properly").waitFor();
    await dialog().getByRole("button", { name: "Reset" }).click();
    await tray("accepted");
    await tray("confirmed");
  },
  async "reserves a connector and gets the station's log"() {
    await page.goto(`${base}/stations/CS-001?tab=maintenance&form=reserve`);
    await page.getByRole("combobox", { name: "Id token" }).fill("GOOD-1");
    await button("Reserve").last().click();
    await see(/GOOD-1: Any EVSE, until/);
    await button("Cancel reservation").click();
    await page.getByText(/GOOD-1: Any EVSE, until/).waitFor({ state: "hidden" });
    await page.goto(`${base}/stations/CS-001?tab=maintenance&form=diagnostics`);
    await button("Ask for it").click();
    await tray("accepted");
    await page.getByRole("listitem").filter({ hasText: /uploaded|uploading|accepted/ }).first().waitFor();
  },
  async "sends a raw command from a form made of its schema"() {
    await page.goto(`${base}/stations/CS-001?tab=maintenance&form=raw&raw=TriggerMessage`);
    await page.getByLabel("requestedMessage").selectOption("Heartbeat");
    await button("Send").click();
    await page.locator("pre", { hasText: "Accepted" }).waitFor();
    await page.goto(`${base}/stations/CS-001?tab=messages&action=TriggerMessage`);
    await page.getByRole("button", { name: /TriggerMessage/ }).first().waitFor();
  },
  async "blocks a card and sees why it was refused"() {
    await page.goto(`${base}/access`);
    await button("Actions: GOOD-1").click();
    await page.getByRole("menuitem", { name: "Block" }).click();
    await see("GOOD-1 is blocked.");
    await world("swipe", "CS-001", "2", "GOOD-1");
    await button("GOOD-1").click();
    await dialog().getByText("refused: blocked").first().waitFor();
    await page.keyboard.press("Escape");
    await world("swipe", "CS-001", "2", "STRANGE-1");
    await page.goto(`${base}/access?search=STRANGE-1`);
    await button("Why was STRANGE-1 refused?").click();
    await dialog().getByText("refused: unknown card").waitFor();
  },
  async "adopts an unknown station"() {
    await world("knock", "NEW-7");
    await page.goto(`${base}/inbox`);
    await button("Adopt: NEW-7").click();
    await dialog().getByRole("button", { name: "Adopt" }).click();
    const given = await dialog().locator("code").nth(2).innerText();
    await world("connect", "NEW-7", given);
    await dialog().getByRole("link", { name: "Open the station" }).click();
    await see("Online");
  },
  async "imports stations from CSV: errors by row and column, nothing on error, then all"() {
    await page.goto(`${base}/stations?dialog=import`);
    const file = (text) => page.locator("input[type=file]").setInputFiles({ name: "stations.csv", mimeType: "text/csv", buffer: Buffer.from(text) });
    await file("identity,name,location\nCS-100,Left,Harbour\nbad identity,,\nCS-100,,\nCS-101,,Nowhere\n");
    await see("3 cells need attention. Nothing is imported.");
    await dialog().getByRole("cell", { name: "stands in row 2 already" }).waitFor();
    await dialog().getByRole("cell", { name: "there is no location “Nowhere”" }).waitFor();
    await accessible(page, "import");
    await file("identity,name,location\nCS-100,Left,Harbour\nCS-101,Right,Harbour\n");
    await see("2 stations are ready to be imported.");
    await button("Import").click();
    await see("Imported. Save the passwords now");
    await page.goto(`${base}/stations?dialog=import`);
    await file("identity,name\nCS-101,Again\nCS-102,Middle\n");
    await button("Import").click();
    await dialog().getByRole("cell", { name: "There is a station with this identity already." }).waitFor();
    await see("1 station is ready to be imported.");
    await button("Import the good rows anyway").click();
    await see("Imported. Save the passwords now");
    await page.goto(`${base}/stations`);
    await page.getByRole("link", { name: "CS-101" }).waitFor();
  },
  async "sends a command to many and hears what each answered"() {
    await page.goto(`${base}/stations?online=true`);
    await page.getByRole("link", { name: "NEW-7" }).waitFor();
    await page.getByLabel("Select all that are listed").check();
    await button("Ask for its status").click();
    await dialog().getByText("CS-001, NEW-7").waitFor();
    await dialog().getByRole("button", { name: "Ask for its status" }).click();
    await see("2 of 2 accepted");
    await page.getByRole("region", { name: "What each station answered" }).getByText("accepted").nth(1).waitFor();
    await accessible(page, "what each station answered");
  },
  async "chooses columns, which stay chosen, and saves a view, whose deletion can be undone"() {
    await page.goto(`${base}/stations?online=true`);
    await page.getByRole("columnheader", { name: "Model" }).waitFor();
    await button("Columns and views").click();
    await dialog().getByRole("checkbox", { name: "Model" }).click();
    await dialog().getByLabel("Name of the view").fill("There");
    await page.keyboard.press("Enter");
    await dialog().getByRole("button", { name: "There", exact: true }).waitFor();
    await accessible(page, "columns and views");
    await page.keyboard.press("Escape");
    await page.goto(`${base}/stations`);
    await page.getByRole("link", { name: "CS-101" }).waitFor();
    await button("Columns and views").click();
    await dialog().getByRole("button", { name: "There", exact: true }).click();
    await page.getByRole("link", { name: "CS-101" }).waitFor({ state: "hidden" });
    await button("Delete: There").click();
    await button("Undo").click();
    await button("Columns and views").click();
    await dialog().getByRole("button", { name: "There", exact: true }).waitFor();
    await page.reload();
    await page.getByRole("columnheader", { name: "Connection" }).waitFor();
    assert.equal(await page.getByRole("columnheader", { name: "Model" }).count(), 0);
  },
  async "finds a station with the palette, by keyboard alone"() {
    await page.goto(`${base}/`);
    await see("stations online");
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox").fill("NEW-7");
    await page.getByRole("option", { name: /^NEW-7/ }).waitFor();
    await accessible(page, "palette");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "NEW-7" }).waitFor();
    await page.keyboard.press("Control+k");
    await page.getByRole("dialog").getByRole("combobox").fill("CS-101");
    await page.keyboard.press("Enter"); // before anything can have been found
    await page.getByRole("heading", { name: "CS-101" }).waitFor();
  },
  async "says when the live link is lost and catches up by itself"() {
    await page.goto(`${base}/stations/CS-001`);
    await page.getByText("Live", { exact: true }).waitFor();
    await world("cut");
    await page.getByText(/^Reconnecting – showing/).waitFor();
    await world("mend");
    await page.getByText("Live", { exact: true }).waitFor();
    await see("Online");
  },
  async "reaches the map and the inbox on a phone in two taps"() {
    await page.setViewportSize({ width: 390, height: 844 });
    await button("More").click();
    await page.getByRole("menuitem", { name: "Map" }).click();
    await page.getByRole("heading", { name: "Map" }).waitFor();
    await button("More").click();
    await page.getByRole("menuitem", { name: /Inbox/ }).click();
    await page.getByRole("heading", { name: "Inbox" }).waitFor();
    await page.setViewportSize({ width: 1366, height: 900 });
    await page.goto(`${base}/stations/CS-001`);
  },
  async "speaks Chinese when asked"() {
    await button("Language").click();
    await page.getByRole("menuitem", { name: "简体中文" }).click();
    await page.getByRole("tab", { name: "报文" }).waitFor();
    assert.equal(await page.evaluate(() => document.documentElement.lang), "zh-CN");
    await button("语言").click();
    await page.getByRole("menuitem", { name: "English" }).click();
  },
  async "lets a viewer look and says why they cannot change"() {
    await page.goto(`${base}/settings/users`);
    await button("Add user").click();
    await dialog().getByLabel("Name").fill("Vera");
    await dialog().getByLabel("E-mail address").fill(VIEWER.email);
    await dialog().getByRole("textbox", { name: "Password" }).fill(VIEWER.password);
    await button("Save").click();
    await see(VIEWER.email);
    await button("My account").click();
    await page.getByRole("menuitem", { name: "Sign out" }).click();
    await page.getByLabel("E-mail address").fill(VIEWER.email);
    await page.getByRole("textbox", { name: "Password" }).fill("wrong");
    await button("Sign in").click();
    await see("E-mail address and password do not match.");
    await signIn(page, base, VIEWER, "/stations/CS-001");
    const start = button("Start charging here");
    await start.waitFor();
    assert.equal(await start.getAttribute("aria-disabled"), "true");
    assert.equal(await start.getAttribute("aria-description"), "Your role does not allow this here.");
    const refused = await page.evaluate(async () => (await fetch("/api/v1/stations/CS-001/commands/reset", { method: "POST", headers: { "Content-Type": "application/json" }, body: '{"kind":"soft"}' })).status);
    assert.equal(refused, 403);
  },
  async "shows a site host the own location and nothing else"() {
    await context.clearCookies();
    await signIn(page, base, ADMIN);
    await page.evaluate(async () => {
      const send = (method, path, body) => fetch(`/api/v1${path}`, { method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
      const { id } = await (await send("POST", "/locations", { name: "Airport", time_zone: "Europe/Berlin" })).json();
      await send("PATCH", "/stations/NEW-7", { location_id: id });
    });
    await page.goto(`${base}/stations`);
    await page.getByRole("button", { name: /^Shown:/ }).click();
    await page.getByRole("menuitem", { name: "Airport" }).click();
    await page.getByRole("link", { name: "CS-001" }).waitFor({ state: "hidden" });
    await page.getByRole("link", { name: "NEW-7" }).waitFor();
    await page.getByRole("link", { name: "Overview" }).first().click();
    await see("of 1");
    await page.getByRole("link", { name: "Access" }).click();
    await see("those of Sunny Charging are shown");
    await button("GOOD-1").waitFor();
    await world("knock", "NEW-8");
    await page.getByRole("link", { name: "Inbox" }).click();
    await see("They belong to no place yet, so all of them are shown.");
    await button("Adopt: NEW-8").click();
    assert.equal(await dialog().getByRole("combobox", { name: "Location" }).inputValue(), "Airport");
    await dialog().getByRole("button", { name: "Cancel" }).click();
    await page.goto(`${base}/settings/locations?in=${new URL(page.url()).searchParams.get("in")}`);
    await page.getByRole("cell", { name: "Airport", exact: true }).waitFor();
    assert.equal(await page.getByRole("cell", { name: "Harbour", exact: true }).count(), 0);
    await page.getByRole("tab", { name: "Users" }).click();
    await page.getByText(ADMIN.email).waitFor({ state: "hidden" });
    await page.getByRole("link", { name: "Overview" }).first().click();
    await page.getByRole("button", { name: "Shown: Airport" }).click();
    await page.getByRole("menuitem", { name: "Everywhere" }).click();
    await page.getByText("of 1", { exact: true }).waitFor({ state: "hidden" });
    await page.goto(`${base}/settings/users`);
    await button("Add user").click();
    await dialog().getByLabel("Name").fill("Sam");
    await dialog().getByLabel("E-mail address").fill(HOST.email);
    await dialog().getByRole("textbox", { name: "Password" }).fill(HOST.password);
    await dialog().getByLabel("Role", { exact: true }).selectOption({ label: "Site host" });
    await dialog().getByLabel("Where").selectOption({ label: "Airport" });
    await accessible(page, "a user with a role at a place");
    await button("Save").click();
    await see("Site host – Airport");
    await context.clearCookies();
    await signIn(page, base, HOST, "/stations");
    await page.getByRole("link", { name: "NEW-7" }).waitFor();
    assert.equal(await page.getByRole("link", { name: "CS-001" }).count(), 0);
    assert.equal(await button("Add station").getAttribute("aria-disabled"), "true");
    await page.goto(`${base}/stations/CS-001`);
    await see("There is nothing here");
    await page.goto(`${base}/stations/NEW-7`);
    assert.equal(await button("Reset").getAttribute("aria-disabled"), "true");
    await page.goto(`${base}/`);
    await see("of 1");
  },
  async "is accessible on every page, in both themes and on a phone"() {
    await context.clearCookies();
    await signIn(page, base, ADMIN);
    const state = await context.storageState();
    const session = await page.evaluate(async () => (await (await fetch("/api/v1/sessions")).json()).items[0].uid);
    const paths = ["/", "/stations", "/stations/CS-001", "/stations/CS-001?tab=sessions", "/stations/CS-001?tab=messages", "/stations/CS-001?tab=configuration", "/stations/CS-001?tab=maintenance&form=raw&raw=SetChargingProfile", "/stations/CS-001?tab=history", "/stations?dialog=add", "/stations?dialog=import", "/stations/CS-001?ask=reset", "/stations/CS-001?ask=edit", "/map", "/sessions", `/sessions/${session}`, "/sessions?tab=review", "/access", "/access?dialog=add", "/access?dialog=import", "/inbox", "/start", "/settings/locations", "/settings/organisations", "/settings/users", "/settings/keys", "/settings/audit", "/settings/account", "/stations/NO-SUCH", "/sign-in"];
    const found = [];
    const take = (error) => found.push(error.message);
    for (const [lang, scheme, width] of [["en", "light", 1366], ["zh", "dark", 390]]) {
      const other = await browser.newContext({ viewport: { width, height: 860 }, storageState: state, reducedMotion: "reduce" });
      await other.addInitScript(([lang, scheme]) => { localStorage.setItem("bluesky-language", lang); localStorage.setItem("bluesky-scheme", scheme); }, [lang, scheme]);
      const view = await other.newPage();
      const seen = new Set();
      for (const path of paths) {
        await view.goto(base + path);
        await view.waitForSelector("h1, [role=alert], [role=dialog] input");
        await view.waitForFunction(() => !document.querySelector('[aria-busy="true"], [class*="Skeleton-root"]'));
        const name = `${path} (${lang}, ${scheme}, ${width})`;
        await accessible(view, name).catch(take);
        await accessibleWhenOpen(view, name, seen).catch(take);
        const over = await view.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        if (over > 0) found.push(`${path} is ${over} px wider than the ${width} px screen`);
      }
      await other.close();
    }
    for (const [path, name] of [["/settings/users", "Add user"], ["/settings/locations", "Add location"], ["/settings/organisations", "Add organisation"], ["/settings/keys", "Make API key"], ["/settings/audit", /^Change \d+/], ["/access", "GOOD-1"]]) {
      await page.goto(base + path);
      await page.getByRole("button", { name, exact: true }).first().click();
      await dialog().waitFor();
      await accessible(page, `${path}, ${name}`).catch(take);
    }
    assert.ok(found.length === 0, found.join("\n"));
  },
  async "asked for nothing that the API does not document"() {
    const { paths } = await (await page.request.get(`${base}/api/openapi.json`)).json();
    const documented = Object.entries(paths).flatMap(([path, verbs]) => Object.keys(verbs).map((verb) => new RegExp(`^${verb} ${path.replace(/\{[^}]+\}/g, "[^/]+")}$`)));
    const api = [...asked].filter((one) => / \/(api|health)\//.test(one) && !one.endsWith("/api/openapi.json"));
    assert.ok(api.length > 50, `only ${api.length} were asked for`);
    assert.deepEqual(api.filter((one) => !documented.some((pattern) => pattern.test(one))), []);
  },
};

let failed = false;
for (const [name, run] of Object.entries(steps)) {
  const began = Date.now();
  try {
    await run();
    assert.deepEqual(errors.splice(0), [], "errors in the browser");
    console.log(`ok: ${name} (${Date.now() - began} ms)`);
  } catch (error) {
    failed = true;
    console.log(`FAILED: ${name}\n${error.stack}`);
    mkdirSync(PICTURES, { recursive: true });
    await page.screenshot({ path: `${PICTURES}/${name.replace(/\W+/g, "-")}.png` });
    if (!process.env.GO_ON) break;
  }
}
await browser.close();
process.exit(failed ? 1 : 0);
