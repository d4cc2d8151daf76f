// Every screen in both languages and themes at four sizes, of a running system: CSMS_URL, CSMS_EMAIL, CSMS_PASSWORD.
// Fewer of them: SHOTS=folder LANGS=zh THEMES=dark SIZES=phone,tablet ONLY=overview,map
import { mkdirSync } from "node:fs";
import { launch, signIn } from "../tests/browser.mjs";

const base = process.env.CSMS_URL;
const who = { email: process.env.CSMS_EMAIL, password: process.env.CSMS_PASSWORD };
const folder = process.env.SHOTS ?? "../../build/screenshots";
const only = process.env.ONLY?.split(",");
mkdirSync(folder, { recursive: true });

const browser = await launch();
const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
const page = await context.newPage();
await signIn(page, base, who);
const get = async (path) => (await page.request.get(`${base}/api/v1${path}`)).json();
const stations = (await get("/stations?limit=500")).items;
const charging = stations.find((station) => station.sessions.length > 0) ?? stations[0];
const running = (await get("/sessions?limit=1&state=active")).items[0];
const ended = (await get("/sessions?limit=1&state=ended&sort=-energy_wh")).items[0];
const station = `/stations/${charging.identity}`;
const screens = {
  overview: "/", stations: "/stations", "stations-add": "/stations?dialog=add", "stations-import": "/stations?dialog=import", "stations-none": "/stations?search=nothing-like-this",
  station, "station-sessions": `${station}?tab=sessions`, "station-messages": `${station}?tab=messages`, "station-configuration": `${station}?tab=configuration`,
  "station-maintenance": `${station}?tab=maintenance&form=raw&raw=SetChargingProfile`, "station-history": `${station}?tab=history`, "station-limit": `${station}?tab=maintenance&form=limit`, "station-reserve": `${station}?tab=maintenance&form=reserve`, "station-reset": `${station}?ask=reset`,
  map: "/map", sessions: "/sessions", ...(running && { "session-running": `/sessions/${running.uid}` }), ...(ended && { "session-ended": `/sessions/${ended.uid}` }), review: "/sessions?tab=review",
  access: "/access", "access-add": "/access?dialog=add", "access-import": "/access?dialog=import", inbox: "/inbox", start: "/start", "start-location": "/start?step=location",
  "settings-locations": "/settings/locations", "settings-organisations": "/settings/organisations", "settings-users": "/settings/users", "settings-keys": "/settings/keys",
  "settings-audit": "/settings/audit", "settings-account": "/settings/account", missing: "/stations/NO-SUCH-STATION", "sign-in": "/sign-in", setup: "/setup?token=x", palette: "/?palette", keyboard: "/?keys", "stations-bulk": "/stations",
};
const SIZES = [["wide", 1440, 900], ["phone", 360, 780], ["tablet", 768, 1024], ["huge", 2560, 1440]];
const doing = {
  palette: (view) => view.keyboard.press("Control+k").then(() => view.waitForSelector("[role=listbox]")),
  keyboard: (view) => view.keyboard.press("Shift+?").then(() => view.waitForSelector("[role=dialog]")),
  "stations-bulk": async (view, size) => {
    if (size !== "phone") for (const row of [1, 2]) await view.locator("tbody input[type=checkbox]").nth(row).check();
  },
};
const state = await context.storageState();
let count = 0;
for (const lang of (process.env.LANGS ?? "en,zh").split(",")) {
  for (const theme of (process.env.THEMES ?? "light,dark").split(",")) {
    for (const [size, width, height] of SIZES) {
      if (process.env.SIZES && !process.env.SIZES.includes(size)) continue;
      const shot = await browser.newContext({ viewport: { width, height }, storageState: state, colorScheme: theme, reducedMotion: "reduce" });
      await shot.addInitScript(([lang, theme]) => { localStorage.setItem("bluesky-language", lang); localStorage.setItem("bluesky-scheme", theme); }, [lang, theme]);
      const view = await shot.newPage();
      view.on("pageerror", (error) => console.log("PAGE ERROR", error.message));
      view.on("console", (message) => message.type() === "error" && !/status of 4\d\d/.test(message.text()) && console.log("CONSOLE", view.url(), message.text()));
      for (const [name, path] of Object.entries(screens)) {
        if (only && !only.includes(name)) continue;
        await view.goto(base + path);
        await view.waitForSelector("h1, [role=alert]");
        await view.waitForTimeout(500); // what is loaded when it is needed has begun to load
        await view.waitForFunction(() => !document.querySelector('[aria-busy="true"], [class*="Skeleton-root"]'), null, { timeout: 6000 }).catch(() => console.log("still loading:", name));
        await doing[name]?.(view, size);
        await view.waitForTimeout(250);
        await view.screenshot({ path: `${folder}/${name}.${lang}.${theme}.${size}.png` });
        count += 1;
        const further = await view.evaluate(() => { // what lies below the fold
          const main = document.querySelector("main");
          if (!main || document.querySelector("[role=dialog]") || main.scrollHeight < main.clientHeight + 60) return false;
          main.scrollTop = main.scrollHeight;
          return true;
        });
        if (!further) continue;
        await view.waitForTimeout(100);
        await view.screenshot({ path: `${folder}/${name}-below.${lang}.${theme}.${size}.png` });
        count += 1;
      }
      await shot.close();
    }
  }
}
await browser.close();
console.log(`${count} pictures in ${folder}`);
