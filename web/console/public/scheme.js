// Before the first paint: the chosen colour scheme and language, so that nothing flashes.
(function () {
  var chosen = null;
  try { chosen = localStorage.getItem("bluesky-scheme"); } catch (error) { /* storage is off */ }
  var dark = chosen === "dark" || (chosen !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.setAttribute("data-mantine-color-scheme", dark ? "dark" : "light");
})();
