// Lines that begin with "@" ask the test that started a story to do something in the world (plug a car in, let a stranger
// knock); it answers "ok", and where it matters with the time at which it began to.
import assert from "node:assert/strict";
import { createInterface } from "node:readline";

const answers = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

export async function world(...words) {
  console.log(["@", ...words].join(" "));
  const [ok, at] = (await answers.next()).value.split(" ");
  assert.equal(ok, "ok");
  return Number(at);
}
