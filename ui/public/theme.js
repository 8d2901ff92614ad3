// Sets the theme before the first paint, so that nobody in a dark room sees a white flash. Same keys as ui/src/prefs.rs.
(function () {
  var root = document.documentElement;
  try {
    var kept = JSON.parse(localStorage.getItem("engage.preferences") || "{}");
    var theme = kept.theme || "system";
    if (theme === "system") {
      theme = matchMedia("(prefers-contrast: more)").matches ? "contrast"
        : matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
    }
    root.dataset.theme = theme;
    root.dataset.density = kept.density || "normal";
    if (kept.language) root.lang = kept.language;
  } catch (_) {
    root.dataset.theme = "light";
  }
})();
