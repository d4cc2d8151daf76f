import { speak } from "/static/words.js";

const WORDS = {
  en: {
    title: "Set up Bluesky",
    other: "中文",
    heading: "Set up Bluesky",
    about: "Create the first administrator. This link works once.",
    organisation: "Organisation",
    organisation_help: "Who operates the stations. You can rename it later.",
    name: "Your name",
    email: "E-mail address",
    password: "Password",
    password_help: "At least 10 characters. Three random words are good.",
    reveal: "Show",
    hide: "Hide",
    submit: "Create administrator and sign in",
    next: "Continue",
    required: "Please fill this in.",
    check: "Please look at the fields marked below.",
    done: "Done. You are signed in as",
    no_token: "This address lacks its token. Open the whole link that the server printed when it started.",
    silent: "The server does not answer. Nothing was changed; try again in a moment.",
  },
  zh: {
    title: "初始化 Bluesky",
    other: "English",
    heading: "初始化 Bluesky",
    about: "创建第一位管理员。此链接只能使用一次。",
    organisation: "组织名称",
    organisation_help: "充电桩的运营方，之后可以修改。",
    name: "您的姓名",
    email: "电子邮箱",
    password: "密码",
    password_help: "至少 10 个字符，建议使用三个随机词语。",
    reveal: "显示",
    hide: "隐藏",
    submit: "创建管理员并登录",
    next: "继续",
    required: "请填写此项。",
    check: "请检查下方标出的内容。",
    done: "已完成。当前登录用户：",
    no_token: "链接缺少令牌。请打开服务器启动时打印的完整链接。",
    silent: "服务器无响应，未做任何更改，请稍后重试。",
    unusable_email: "请输入有效的电子邮箱地址。",
    unusable_password: "密码需为 10 至 200 个字符，至少包含 5 个不同字符，且不能包含邮箱地址。",
    setup_link_unknown: "此初始化链接无效，请使用服务器最近一次打印的链接。",
    setup_done: "系统已完成初始化，请直接登录。",
  },
};

const form = document.getElementById("form");
const notice = document.getElementById("notice");
const reveal = document.getElementById("reveal");
const password = document.getElementById("password");
const token = new URLSearchParams(location.search).get("token") ?? "";
let words = WORDS.en;
let told = null; // what the notice says: gives kind and text in the present language

function tell(kind, text) {
  told = { kind, text };
  show();
}

function show() {
  notice.hidden = told === null;
  if (told !== null) {
    notice.className = `notice ${told.kind}`;
    notice.textContent = told.text();
  }
}

/** The problem's own words, or ours where we have them in this language. */
const inWords = (code, message) => words[code] ?? message;

function mark(name, text) {
  const wrong = document.getElementById(`${name}_wrong`);
  wrong.hidden = text === null;
  wrong.textContent = text ?? "";
  form.elements[name].setAttribute("aria-invalid", String(text !== null));
}

function filled() {
  let first = null;
  for (const input of form.querySelectorAll("input")) {
    const empty = input.value.trim() === "";
    mark(input.name, empty ? words.required : null);
    first ??= empty ? input : null;
  }
  first?.focus();
  return first === null;
}

function explain(problem) {
  const here = (problem.errors ?? []).filter((error) => document.getElementById(`${error.field}_wrong`));
  for (const error of here) {
    mark(error.field, inWords(error.code, error.message));
  }
  if (here.length > 0) {
    form.elements[here[0].field].focus();
    tell("bad", () => words.check);
  } else {
    tell("bad", () => inWords(problem.code, problem.detail));
    form.hidden = problem.code === "setup_done" || problem.code === "setup_link_unknown";
  }
}

function finish(me) {
  form.hidden = true;
  form.reset();
  document.getElementById("next").hidden = false;
  tell("good", () => `${words.done} ${me.name} (${me.email})`);
  history.replaceState(null, "", "/setup");
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (!filled()) {
    tell("bad", () => words.check);
    return;
  }
  const submit = form.querySelector("[type=submit]");
  submit.disabled = true;
  try {
    const answer = await fetch("/api/v1/setup", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ token, ...Object.fromEntries(new FormData(form)) }),
    });
    const body = await answer.json();
    answer.ok ? finish(body) : explain(body);
  } catch {
    tell("bad", () => words.silent);
  } finally {
    submit.disabled = false;
  }
});

reveal.addEventListener("click", () => {
  const hidden = password.type === "text";
  password.type = hidden ? "password" : "text";
  reveal.setAttribute("aria-pressed", String(!hidden));
  reveal.dataset.t = hidden ? "reveal" : "hide";
  reveal.textContent = words[reveal.dataset.t];
});

form.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    form.requestSubmit();
  }
});

speak(WORDS, (present) => {
  words = present;
  show();
});

try {
  const state = await (await fetch("/api/v1/setup")).json();
  if (state.needed === false) {
    explain({ code: "setup_done", detail: "The system is already set up; sign in instead." });
    document.getElementById("next").hidden = false;
  } else if (token === "") {
    tell("bad", () => words.no_token);
  } else {
    form.hidden = false;
    form.elements.organisation_name.focus();
  }
} catch {
  tell("bad", () => words.silent);
}
