// A real Chromium, from the registry package or from where CSMS_TEST_CHROMIUM says.
import { existsSync } from "node:fs";
import chromium from "@sparticuz/chromium";
import { chromium as engine } from "playwright-core";

const FLAGS = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--font-render-hinting=none",
];

export async function launch() {
  const chosen = process.env.CSMS_TEST_CHROMIUM;
  if (chosen && !existsSync(chosen)) throw new Error(`CSMS_TEST_CHROMIUM names ${chosen}, which does not exist`);
  return engine.launch({ executablePath: chosen ?? (await chromium.executablePath()), args: FLAGS });
}

export async function signIn(page, base, { email, password }, to = "/") {
  await page.goto(`${base}/sign-in?to=${encodeURIComponent(to)}`);
  await page.locator("input[type=email]").fill(email);
  await page.locator("input[type=password]").fill(password);
  await page.locator("button[type=submit]").click();
  await page.waitForURL((url) => !url.pathname.startsWith("/sign-in"));
}
