// Sends a request from the reference and shows what comes back.

import { h } from "/static/dom.js";
import { boundsOf, exampleOf, resolve, typeOf } from "/static/schema.js";
import { apiKey, credentials } from "/static/who.js";

/** The form that tries one operation. */
export function tryPanel(api, operation) {
  const output = h("div", { "aria-live": "polite" });
  const form = h("form", {}, operation.parameters.map((parameter) => parameterField(api, parameter)));
  const bodySchema = operation.requestBody?.content?.["application/json"]?.schema;
  if (bodySchema) {
    const start = JSON.stringify(exampleOf(api, bodySchema), null, 2);
    form.append(h("label.field", {}, h("span", {}, "Body"), h("textarea", { name: "body:", spellcheck: "false" }, start)));
  }
  const send = h("button.button.main.small", {}, "Send");
  const copy = h("button.button.small", { type: "button" }, "Copy as curl");
  form.append(h("div.row", {}, send, copy));
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(curl(requestOf(operation, form)));
    copy.textContent = "Copied";
    setTimeout(() => (copy.textContent = "Copy as curl"), 1500);
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    send.disabled = true;
    await run(requestOf(operation, form), output);
    send.disabled = false;
  });
  return h("div.try", {}, form, output);
}

function parameterField(api, parameter) {
  const schema = resolve(api, parameter.schema);
  const name = `${parameter.in}:${parameter.name}`;
  const placeholder = schema.default ?? boundsOf(schema) ?? "";
  const choices = schema.enum ?? (schema.type === "boolean" ? [true, false] : null);
  const input = choices
    ? h("select", { name }, [h("option", { value: "" }, ""), choices.map((choice) => h("option", { value: choice }, String(choice)))].flat())
    : h("input", { name, placeholder, required: parameter.required, autocomplete: "off", spellcheck: "false", title: typeOf(api, parameter.schema) });
  return h("label.field", {}, h("span", {}, parameter.name, parameter.required ? " *" : ""), input);
}

/** Method, address, headers and body as the form has them. */
function requestOf(operation, form) {
  let path = operation.path;
  const query = new URLSearchParams();
  let body;
  for (const [field, value] of new FormData(form)) {
    const [place, name] = [field.slice(0, field.indexOf(":")), field.slice(field.indexOf(":") + 1)];
    if (place === "path") path = path.replace(`{${name}}`, encodeURIComponent(value));
    if (place === "query" && value !== "") query.append(name, value);
    if (place === "body" && value.trim() !== "") body = value;
  }
  const headers = body === undefined ? {} : { "Content-Type": "application/json" };
  return { method: operation.method.toUpperCase(), url: path + (query.size ? `?${query}` : ""), headers, body };
}

function curl({ method, url, headers, body }) {
  const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;
  const key = apiKey() ? "$CSMS_API_KEY" : "csms_…";
  const parts = [`curl -X ${method} ${quoted(location.origin + url)}`, `-H "Authorization: Bearer ${key}"`];
  for (const [name, value] of Object.entries(headers)) parts.push(`-H ${quoted(`${name}: ${value}`)}`);
  if (body !== undefined) parts.push(`-d ${quoted(body)}`);
  return parts.join(" \\\n  ");
}

async function run(request, output) {
  const began = performance.now();
  const stop = new AbortController();
  const text = h("pre", { tabindex: "0" });
  try {
    const { url, ...options } = request;
    const answer = await fetch(url, { ...options, headers: { ...options.headers, ...credentials() }, signal: stop.signal });
    const took = Math.round(performance.now() - began);
    const outcome = h("div.outcome", {},
      h(`span.pill.${answer.ok ? "good" : "bad"}`, {}, `${answer.status} ${answer.ok ? "✓" : "✕"} ${answer.statusText}`),
      h("span.quiet", {}, `${took} ms · ${answer.headers.get("content-type") ?? "no body"} · request ${answer.headers.get("x-request-id")}`));
    output.replaceChildren(outcome, text);
    if ((answer.headers.get("content-type") ?? "").startsWith("text/event-stream")) {
      await listen(answer, text, outcome, stop);
    } else {
      text.textContent = pretty(await answer.text());
      text.hidden = text.textContent === "";
    }
  } catch (error) {
    if (error.name !== "AbortError") {
      output.replaceChildren(h("p.notice.bad", {}, "The server does not answer."));
    }
  }
}

/** Live data: shows events as they come, until stopped. */
async function listen(answer, text, outcome, stop) {
  outcome.append(h("button.button.small", { type: "button", onclick: () => stop.abort() }, "Stop listening"));
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    text.append(part.value);
    text.scrollTop = text.scrollHeight;
  }
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
