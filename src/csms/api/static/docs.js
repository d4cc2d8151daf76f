// The API reference, made in the browser from /api/openapi.json.

import { h, prose } from "/static/dom.js";
import { boundsOf, insideOf, resolve, typeOf } from "/static/schema.js";
import { tryPanel } from "/static/try.js";
import { showWho } from "/static/who.js";

const METHODS = ["get", "post", "put", "patch", "delete"];

function operationsOf(api) {
  const found = [];
  for (const [path, item] of Object.entries(api.paths)) {
    for (const method of METHODS.filter((name) => item[name])) {
      const operation = item[method];
      found.push({ parameters: [], ...operation, path, method, tag: operation.tags?.[0] ?? "Other", id: operation.operationId });
    }
  }
  return found;
}

const grouped = (operations) => Map.groupBy?.(operations, (one) => one.tag) ?? operations.reduce(
  (groups, one) => groups.set(one.tag, [...(groups.get(one.tag) ?? []), one]), new Map());

const methodOf = (operation) => h(`span.method.${operation.method}`, {}, operation.method.toUpperCase());

function indexOf(groups) {
  return [...groups].map(([tag, operations]) => h("section", {}, h("h2", {}, tag), h("ul", {}, operations.map((operation) =>
    h("li", { "data-find": `${operation.path} ${operation.summary} ${operation.method} ${tag}`.toLowerCase() },
      h("a", { href: `#${operation.id}`, title: operation.path }, methodOf(operation), operation.summary ?? operation.path))))));
}

function fields(api, inside, seen = []) {
  return h("ul.fields", {}, Object.entries(inside.properties).map(([name, schema]) => {
    const found = resolve(api, schema);
    return field(api, name, schema, inside.required.includes(name), found.description, seen);
  }));
}

function field(api, name, schema, required, description, seen = []) {
  const type = typeOf(api, schema);
  const deeper = insideOf(api, schema);
  const bounds = boundsOf(resolve(api, schema));
  return h("li", {},
    h("code", {}, name), " ", h("span.type", {}, type), " ", required && h("span.must", {}, "required"),
    (description || bounds) && h("p", {}, [description, bounds].filter(Boolean).join(" · ")),
    deeper && !seen.includes(type) && h("details", {}, h("summary", {}, "what is inside"), fields(api, deeper, [...seen, type])));
}

function answers(api, operation) {
  return Object.entries(operation.responses).map(([status, response]) => {
    const [media, content] = Object.entries(response.content ?? {})[0] ?? [];
    const inside = content?.schema && insideOf(api, content.schema);
    const title = [h("code", {}, status === "default" ? "else" : status), ` ${response.description} `, h("span.quiet", {}, media ?? "")];
    return inside
      ? h("details.answer", { open: status.startsWith("2") }, h("summary", {}, title), fields(api, inside))
      : h("p", {}, title);
  });
}

function explanation(api, operation) {
  const parts = [];
  for (const [place, title] of [["path", "In the path"], ["query", "Query"], ["header", "Headers"]]) {
    const here = operation.parameters.filter((parameter) => parameter.in === place);
    if (here.length > 0) {
      parts.push(h("h3", {}, title), h("ul.fields", {}, here.map((parameter) =>
        field(api, parameter.name, parameter.schema, parameter.required, parameter.description))));
    }
  }
  const schema = operation.requestBody?.content?.["application/json"]?.schema;
  if (schema) {
    const inside = insideOf(api, schema);
    parts.push(h("h3", {}, "Body"), inside ? fields(api, inside) : h("p.quiet", {}, typeOf(api, schema)));
  }
  return h("div", {}, parts, h("h3", {}, "Answers"), answers(api, operation));
}

function card(api, operation) {
  const body = h("div.body");
  const details = h("details.operation", { id: operation.id }, h("summary", {},
    methodOf(operation), h("code", {}, operation.path), h("span.quiet", {}, operation.summary ?? "")), body);
  details.addEventListener("toggle", () => {
    if (details.open && body.childElementCount === 0) {
      body.append(...(operation.description ? [h("div.text", {}, prose(operation.description))] : []));
      body.append(explanation(api, operation), tryPanel(api, operation));
    }
  });
  return details;
}

function follow() {
  const id = decodeURIComponent(location.hash.slice(1));
  for (const link of document.querySelectorAll("nav li a")) {
    id !== "" && link.hash === location.hash ? link.setAttribute("aria-current", "true") : link.removeAttribute("aria-current");
  }
  const target = id && document.getElementById(id);
  if (target) {
    target.open = true;
    target.scrollIntoView({ block: "start" });
  }
}

function search(text) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  for (const item of document.querySelectorAll("nav li")) {
    item.hidden = !words.every((word) => item.dataset.find.includes(word));
  }
  for (const section of document.querySelectorAll("nav section")) {
    section.hidden = section.querySelector("li:not([hidden])") === null;
  }
}

function listenToKeys(find) {
  find.addEventListener("input", () => search(find.value));
  find.addEventListener("keydown", (event) => {
    if (event.key === "Enter") document.querySelector("nav li:not([hidden]) a")?.click();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !event.target.matches("input, textarea, select")) {
      event.preventDefault();
      find.focus();
    }
  });
}

const intro = document.getElementById("intro");
try {
  const api = await (await fetch("/api/openapi.json")).json();
  const groups = grouped(operationsOf(api));
  intro.replaceChildren(
    h("h1", {}, `${api.info.title} API `, h("span.quiet", {}, api.info.version)),
    ...prose(api.info.description),
    h("p", {}, h("a", { href: "/api/openapi.json" }, "openapi.json"), " – OpenAPI ", api.openapi));
  document.getElementById("index").replaceChildren(...indexOf(groups));
  document.getElementById("operations").replaceChildren(...[...groups].map(([tag, operations]) =>
    h("section.group", {}, h("h2", {}, tag), operations.map((operation) => card(api, operation)))));
  listenToKeys(document.getElementById("find"));
  addEventListener("hashchange", follow);
  follow();
  await showWho(document.getElementById("who"));
} catch {
  intro.append(h("p.notice.bad", {}, "The description could not be read from the server. Reload to try again."));
}
