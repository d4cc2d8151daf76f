// Two languages from the first screen: the browser's choice, unless the person chose here.

const KEY = "bluesky.language";

function chosen() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null; // storage may be switched off
  }
}

export let language = chosen() ?? ((navigator.language ?? "en").toLowerCase().startsWith("zh") ? "zh" : "en");

/** Give every element with data-t its words, and the switch its function; `then` runs now and after each change. */
export function speak(words, then = () => {}) {
  const apply = () => {
    document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
    document.title = words[language].title;
    for (const element of document.querySelectorAll("[data-t]")) {
      element.textContent = words[language][element.dataset.t];
    }
    then(words[language]);
  };
  const other = document.getElementById("language");
  other.addEventListener("click", () => {
    language = language === "zh" ? "en" : "zh";
    try {
      localStorage.setItem(KEY, language);
    } catch {
      // then the choice lasts as long as the page
    }
    apply();
  });
  apply();
}
