/** English and Chinese: chosen by the browser, changeable, one of them loaded. */
import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import { setFormatLanguage, type Lang } from "~/lib/format";

const KEY = "bluesky-language";
const LOADERS = { en: () => import("./en"), zh: () => import("./zh") };

function wanted(): Lang {
  const chosen = localStorage.getItem(KEY);
  if (chosen === "en" || chosen === "zh") return chosen;
  return navigator.languages.find((name) => /^(en|zh)/.test(name))?.startsWith("zh") ? "zh" : "en";
}

async function load(lang: Lang): Promise<void> {
  if (!i18next.hasResourceBundle(lang, "translation")) {
    i18next.addResourceBundle(lang, "translation", (await LOADERS[lang]()).default);
  }
  setFormatLanguage(lang);
  document.documentElement.lang = lang === "zh" ? "zh-CN" : "en";
}

export async function startI18n(): Promise<void> {
  const lang = wanted();
  await i18next.use(initReactI18next).init({ lng: lang, resources: {}, interpolation: { escapeValue: false }, returnNull: false });
  await load(lang);
  await i18next.changeLanguage(lang);
}

export async function speak(lang: Lang): Promise<void> {
  localStorage.setItem(KEY, lang);
  await load(lang);
  await i18next.changeLanguage(lang);
}

export function language(): Lang {
  return i18next.language === "zh" ? "zh" : "en";
}
