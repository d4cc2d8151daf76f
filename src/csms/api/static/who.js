// Who the tried requests come from: a signed-in person (cookie) or an API key, kept for this tab only.

import { h } from "/static/dom.js";

const KEY = "bluesky.api-key";
let key = sessionStorage.getItem(KEY);

/** The headers that say who asks. */
export const credentials = () => (key ? { Authorization: `Bearer ${key}` } : {});

export const apiKey = () => key;

function use(text) {
  key = text || null;
  key ? sessionStorage.setItem(KEY, key) : sessionStorage.removeItem(KEY);
}

async function ask(path, options = {}) {
  const answer = await fetch(path, { ...options, headers: { ...options.headers, ...credentials() } });
  return { ok: answer.ok, body: answer.status === 204 ? null : await answer.json() };
}

/** Shows in `place` who is signed in, or how to sign in. */
export async function showWho(place, trouble = null) {
  const { ok, body } = await ask("/api/v1/me");
  if (!ok && key) {
    use(null);
    return showWho(place, body.detail);
  }
  place.replaceChildren(...(ok ? known(place, body) : unknown(place)));
  if (trouble) {
    place.append(h("p.notice.bad", { role: "alert" }, trouble));
  }
  place.hidden = false;
}

function known(place, me) {
  const leave = async () => {
    if (key) {
      use(null);
    } else {
      await ask("/api/v1/sign-out", { method: "POST" });
    }
    await showWho(place);
  };
  return [
    h("span", {}, "You try requests as ", h("strong", {}, me.email ?? me.name), ` – ${me.kind === "user" ? "" : "API key, "}${me.role}`),
    h("button.button.small", { type: "button", onclick: leave }, key ? "Forget key" : "Sign out"),
  ];
}

function unknown(place) {
  const signIn = async (event) => {
    event.preventDefault();
    const body = JSON.stringify(Object.fromEntries(new FormData(event.target)));
    const answer = await ask("/api/v1/sign-in", { method: "POST", body, headers: { "Content-Type": "application/json" } });
    await showWho(place, answer.ok ? null : answer.body.detail);
  };
  const takeKey = async (event) => {
    event.preventDefault();
    use(new FormData(event.target).get("key").trim());
    await showWho(place);
  };
  return [
    h("p.quiet", {}, "To try requests, sign in or paste an API key. The key stays in this tab."),
    h("form", { onsubmit: signIn },
      h("input", { name: "email", type: "email", placeholder: "E-mail", "aria-label": "E-mail", autocomplete: "username", required: true }),
      h("input", { name: "password", type: "password", placeholder: "Password", "aria-label": "Password", autocomplete: "current-password", required: true }),
      h("button.button.main", {}, "Sign in")),
    h("form", { onsubmit: takeKey },
      h("input", { name: "key", placeholder: "csms_…", "aria-label": "API key", autocomplete: "off", spellcheck: "false", required: true }),
      h("button.button", {}, "Use key")),
  ];
}
