import { access } from "./access";
import { frame } from "./frame";
import { overview } from "./overview";
import { sessions } from "./sessions";
import { settings } from "./settings";
import { station } from "./station";
import { words } from "./words";

const en = { ...words, ...frame, ...overview, ...station, ...sessions, ...access, ...settings };
export type Texts = typeof en;
export default en;
