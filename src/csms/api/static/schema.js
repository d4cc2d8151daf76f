// Reads JSON Schema as OpenAPI 3.1 uses it: what a thing is called, what it contains, what it may look like.

/** Follows `$ref`, and takes the one real choice of an `anyOf` whose other choice is null. */
export function resolve(document, schema = {}) {
  let found = schema;
  while (found.$ref) {
    found = found.$ref.split("/").slice(1).reduce((part, name) => part[name], document);
  }
  const choices = (found.anyOf ?? found.oneOf ?? found.allOf ?? []).filter((choice) => choice.type !== "null");
  if (choices.length === 1) {
    const { anyOf, oneOf, allOf, ...rest } = found;
    return { ...resolve(document, choices[0]), ...rest };
  }
  return found;
}

const nullable = (schema) => (schema.anyOf ?? []).some((choice) => choice.type === "null");

/** The type in words: `text (uuid)`, `array of Station`, `a or b`. */
export function typeOf(document, schema = {}) {
  const found = resolve(document, schema);
  const suffix = nullable(schema) ? " or null" : "";
  if (found.enum) {
    return found.enum.map((value) => JSON.stringify(value)).join(" | ") + suffix;
  }
  if (found.const !== undefined) {
    return JSON.stringify(found.const) + suffix;
  }
  const choices = found.anyOf ?? found.oneOf;
  if (choices) {
    return choices.map((choice) => typeOf(document, choice)).join(" | ");
  }
  if (found.type === "array") {
    return `array of ${typeOf(document, found.items)}${suffix}`;
  }
  if (found.properties) {
    return (found.title ?? "object") + suffix;
  }
  const names = { string: "text", integer: "whole number", boolean: "true or false" };
  const name = names[found.type] ?? found.type ?? "anything";
  return name + (found.format ? ` (${found.format})` : "") + suffix;
}

/** Bounds in words, such as `1 … 500` or `at most 200 characters`. */
export function boundsOf(schema) {
  const told = [];
  if (schema.minimum !== undefined || schema.maximum !== undefined) {
    told.push(`${schema.minimum ?? ""} … ${schema.maximum ?? ""}`);
  }
  if (schema.minLength || schema.maxLength) {
    told.push(`${schema.minLength ?? 0} … ${schema.maxLength ?? ""} characters`);
  }
  if (schema.pattern) {
    told.push(`pattern ${schema.pattern}`);
  }
  if (schema.default !== undefined && schema.default !== null) {
    told.push(`default ${JSON.stringify(schema.default)}`);
  }
  return told.join(", ");
}

/** What is inside: the properties of an object, or of an array's items. */
export function insideOf(document, schema) {
  const found = resolve(document, schema);
  if (found.type === "array") {
    return insideOf(document, found.items);
  }
  return found.properties ? { properties: found.properties, required: found.required ?? [] } : null;
}

/** A body to start from: every required field, and what has an example. */
export function exampleOf(document, schema, depth = 0) {
  const found = resolve(document, schema);
  const given = found.example ?? found.examples?.[0] ?? found.default ?? found.const ?? found.enum?.[0];
  if (given !== undefined) {
    return given;
  }
  if (found.anyOf ?? found.oneOf) {
    return exampleOf(document, (found.anyOf ?? found.oneOf)[0], depth + 1);
  }
  switch (found.type) {
    case "array":
      return found.minItems && depth < 6 ? [exampleOf(document, found.items, depth + 1)] : [];
    case "integer":
    case "number":
      return found.minimum ?? 0;
    case "boolean":
      return false;
    case "string":
      return { "date-time": new Date().toISOString().slice(0, 19) + "Z", uuid: "" }[found.format] ?? "";
    default:
      return depth < 6 ? objectLike(document, found, depth) : {};
  }
}

function objectLike(document, schema, depth) {
  const names = Object.keys(schema.properties ?? {});
  const required = names.filter((name) => (schema.required ?? []).includes(name));
  const chosen = required.length > 0 ? required : names.slice(0, 1);
  return Object.fromEntries(chosen.map((name) => [name, exampleOf(document, schema.properties[name], depth + 1)]));
}
