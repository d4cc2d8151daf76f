// WCAG 2.2 AA and axe's best practices, on pages at rest and with whatever opens on them open.
import axe from "axe-core";

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

export async function accessible(view, name) {
  await view.evaluate(axe.source);
  const { violations } = await view.evaluate((rules) => window.axe.run(document, { runOnly: rules }), RULES);
  const found = violations.map((one) => `${one.id}: ${one.nodes.slice(0, 3).map((node) => `${node.target.join(" ")} – ${node.any[0]?.message ?? node.all[0]?.message ?? ""}`).join(" | ")}`);
  if (found.length > 0) throw new Error(`axe on ${name}: ${found.join("; ")}`);
}

/** Opens the menus, popovers and lists of a page or of its dialog, one after the other, but for those that were `seen` before: the frame's, and those of all its tabs. */
export async function accessibleWhenOpen(view, name, seen) {
  const dialog = (await view.getByRole("dialog").count()) > 0 ? "[role=dialog] " : "";
  const openers = view.locator(`${dialog}[aria-haspopup]:visible`);
  const is = (state, opener) => view.waitForFunction(([element, wanted]) => element.getAttribute("aria-expanded") === wanted, [opener, state]);
  const page = new URL(view.url()).pathname;
  for (let index = 0; index < (await openers.count()); index += 1) {
    const opener = openers.nth(index);
    const inPage = (await opener.locator("xpath=ancestor::main").count()) > 0;
    const called = await opener.evaluate((element) => element.getAttribute("aria-label") || element.innerText || element.id);
    const kind = called.split(/[:：]/)[0] + (inPage ? ` at ${page}` : "");
    if (seen.has(kind)) continue; // one row's menu stands for all rows'
    seen.add(kind);
    const element = await opener.elementHandle();
    await opener.click();
    await is("true", element);
    await accessible(view, `${name}, ${kind} opened`);
    await view.keyboard.press("Escape");
    await is("false", element);
  }
}
