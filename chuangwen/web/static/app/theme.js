// Loaded in <head> without defer: the theme stands before the first paint, so a dark page never flashes white.
(() => {
  const root = document.documentElement;
  const dark = window.matchMedia("(prefers-color-scheme: dark)");

  function chosen() {
    try {
      return localStorage.getItem("cw-theme");
    } catch (_) {
      return null; // storage is switched off: the system's setting counts
    }
  }

  function apply() {
    root.setAttribute("data-bs-theme", chosen() || (dark.matches ? "dark" : "light"));
  }

  root.classList.add("js");
  apply();
  if (dark.addEventListener) dark.addEventListener("change", apply);
  window.addEventListener("storage", apply);
})();
