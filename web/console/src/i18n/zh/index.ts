import type { Texts } from "../en";
import { access } from "./access";
import { frame } from "./frame";
import { overview } from "./overview";
import { sessions } from "./sessions";
import { settings } from "./settings";
import { station } from "./station";
import { words } from "./words";

/** The type makes a text that is missing in Chinese a compile error. */
const zh: Texts = { ...words, ...frame, ...overview, ...station, ...sessions, ...access, ...settings };
export default zh;
