import { speak } from "/static/words.js";

const WORDS = {
  en: {
    title: "Bluesky",
    other: "中文",
    asking: "Asking the system…",
    heading: "Charging station management",
    about: "Connects charging stations over OCPP, watches and controls them, and keeps every message they send.",
    setup: "Nobody can sign in yet. Open the set-up link that the server printed when it started.",
    reference: "API reference",
    reference_about: "Every resource, with a form to try it",
    openapi_about: "The same for programs",
    ready: "The system is running",
    not_ready: "Running, but not ready",
    silent: "The system does not answer",
  },
  zh: {
    title: "Bluesky",
    other: "English",
    asking: "正在查询系统状态…",
    heading: "充电桩运营管理系统",
    about: "通过 OCPP 连接充电桩，监控并控制充电桩，完整保存每一条报文。",
    setup: "尚无可登录的用户。请打开服务器启动时打印的初始化链接。",
    reference: "API 参考",
    reference_about: "查看全部资源，并可在线试用",
    openapi_about: "供程序使用",
    ready: "系统运行正常",
    not_ready: "系统正在运行，但尚未就绪",
    silent: "系统无响应",
  },
};

const ICONS = {
  good: "M5 12l5 5L20 7",
  warn: "M12 8v5M12 16.5v.01M12 3l9.5 17h-19z",
  bad: "M6 6l12 12M18 6L6 18",
};

const state = { level: null, key: "asking", detail: "" };

function show(words) {
  const pill = document.getElementById("state");
  pill.className = `pill ${state.level ?? ""}`;
  pill.replaceChildren();
  if (state.level !== null) {
    const icon = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    icon.setAttribute("viewBox", "0 0 24 24");
    icon.setAttribute("aria-hidden", "true");
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("d", ICONS[state.level]);
    icon.append(path);
    pill.append(icon);
  }
  pill.append(words[state.key] + (state.detail ? ` – ${state.detail}` : ""));
}

let present = WORDS.en;
speak(WORDS, (words) => {
  present = words;
  show(words);
});

try {
  const ready = await fetch("/health/ready");
  const told = await ready.json();
  Object.assign(state, ready.ok ? { level: "good", key: "ready" } : { level: "warn", key: "not_ready", detail: told.detail });
  const setup = await (await fetch("/api/v1/setup")).json();
  document.getElementById("setup").hidden = setup.needed !== true;
} catch {
  if (state.level === null) {
    Object.assign(state, { level: "bad", key: "silent" });
  }
}
show(present);
