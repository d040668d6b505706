// What every page does beyond plain HTML. Each part stands alone, and every page works without it.

import { element, newKey, word } from "./words.js";

const root = document.documentElement;
const stored = {
  get: (key) => {
    try {
      return localStorage.getItem(key);
    } catch (_) {
      return null;
    }
  },
  set: (key, value) => {
    try {
      if (value === null) localStorage.removeItem(key);
      else localStorage.setItem(key, value);
    } catch (_) {
      // storage is switched off: the choice lasts for this page
    }
  },
};

/** One listener on the document for every element that matches, also for those that come later. */
function on(type, selector, action) {
  document.addEventListener(type, (event) => {
    const found = event.target instanceof Element ? event.target.closest(selector) : null;
    if (found) action(found, event);
  });
}

// --- theme -------------------------------------------------------------------------------------------------------

function systemTheme() {
  return window.matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

on("click", "[data-theme-switch]", () => {
  const next = root.getAttribute("data-bs-theme") === "dark" ? "light" : "dark";
  stored.set("cw-theme", next === systemTheme() ? null : next); // the system's own choice needs no memory
  root.setAttribute("data-bs-theme", next);
});

let screenTheme = null;
window.addEventListener("beforeprint", () => {
  screenTheme = root.getAttribute("data-bs-theme");
  root.setAttribute("data-bs-theme", "light");
});
window.addEventListener("afterprint", () => root.setAttribute("data-bs-theme", screenTheme || "light"));

// --- forms -------------------------------------------------------------------------------------------------------

const unsaved = new Set();
const RELEASE_AFTER = 20000; // a download leaves the page standing; the button must come back

function hold(form, pressed) {
  form.dataset.sent = "1";
  const buttons = form.querySelectorAll("button:not([type=button]), input[type=submit]");
  // after the event, because a disabled button is not sent with its form
  setTimeout(() => buttons.forEach((button) => button.setAttribute("disabled", "")));
  if (pressed && pressed.tagName === "BUTTON") {
    pressed.classList.add("cw-busy");
    pressed.setAttribute("aria-busy", "true");
  }
  setTimeout(() => release(form), RELEASE_AFTER);
}

function release(form) {
  if (!form.dataset.sent) return;
  delete form.dataset.sent;
  form.querySelectorAll("button[disabled], input[type=submit][disabled]").forEach((button) => {
    button.removeAttribute("disabled");
    button.removeAttribute("aria-busy");
    button.classList.remove("cw-busy");
  });
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented) return;
  const asked = (event.submitter && event.submitter.dataset.confirm) || form.dataset.confirm;
  if (form.dataset.sent || (asked && !window.confirm(asked))) {
    event.preventDefault();
    return;
  }
  unsaved.delete(form);
  if (form.method === "post" && !form.hasAttribute("data-no-guard")) hold(form, event.submitter);
});
window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(release));

on("input", "form[data-unsaved]", (form) => unsaved.add(form));
window.addEventListener("beforeunload", (event) => {
  if (!unsaved.size) return;
  event.preventDefault();
  event.returnValue = word("unsaved");
});

function fillKeys() {
  document.querySelectorAll("input[data-client-key]").forEach((input) => {
    if (!input.value) input.value = newKey();
  });
}

const AT_ONCE = "select, input[type=checkbox], input[type=radio], input[type=date], input[type=month]";
let applying = 0;
on("change", "form[data-auto-submit]", (form, event) => {
  if (!event.target.matches(AT_ONCE)) return;
  clearTimeout(applying); // arrow keys step through a list: the last choice counts
  applying = setTimeout(() => (form.requestSubmit ? form.requestSubmit() : form.submit()), 500);
});

on("click", "[data-fill]", (button) => {
  Object.entries(button.dataset).forEach(([name, value]) => {
    const input = document.querySelector(`[name="${name}"]`);
    if (input) input.value = value;
  });
});

// --- small conveniences ------------------------------------------------------------------------------------------

on("click", "[data-dismiss]", (button) => {
  const box = button.closest("[data-dismissable]");
  if (box) box.remove();
});

/** A short message at the edge of the page, read out by screen readers. */
export function toast(text) {
  const shelf = document.querySelector("[data-toasts]");
  if (!shelf) return;
  const line = element("p", "cw-toast", text);
  shelf.append(line);
  setTimeout(() => line.remove(), 6000);
}

on("click", "[data-copy]", async (button) => {
  const address = new URL(button.dataset.copy || location.href, location.href).href;
  try {
    await navigator.clipboard.writeText(address);
    toast(word("copied"));
  } catch (_) {
    window.prompt(word("copy_failed"), address); // the clipboard is closed to pages without https
  }
});

on("click", "tr[data-href]", (row, event) => {
  if (event.target.closest("a, button, input, select, label, summary") || String(window.getSelection())) return;
  if (event.ctrlKey || event.metaKey) window.open(row.dataset.href, "_blank");
  else location.assign(row.dataset.href);
});

function showNav(open) {
  const button = document.querySelector("[data-nav-toggle]");
  document.body.classList.toggle("cw-nav-open", open);
  button.setAttribute("aria-expanded", String(open));
  const first = document.querySelector(".cw-side a[href]");
  if (open && first) first.focus();
  if (!open) button.focus();
}

function navIsOpen() {
  return document.body.classList.contains("cw-nav-open");
}

on("click", "[data-nav-toggle]", () => showNav(!navIsOpen()));
document.addEventListener("click", (event) => {
  if (navIsOpen() && !event.target.closest(".cw-side, [data-nav-toggle]")) showNav(false);
});
on("click", "[data-print]", () => window.print());

function closeMenus(except) {
  document.querySelectorAll("details.cw-menu[open]").forEach((menu) => {
    if (menu !== except) menu.open = false;
  });
}
document.addEventListener("click", (event) => closeMenus(event.target.closest("details.cw-menu")));

// --- keyboard ----------------------------------------------------------------------------------------------------

let firstKey = "";

function keysAreOff() {
  return stored.get("cw-keys") === "off";
}

function isTyping(target) {
  return target.matches("input, textarea, select, [contenteditable]");
}

function press(key) {
  const search = document.querySelector("[data-search]");
  if (key === "/" && search) {
    search.focus();
    search.select();
    return true;
  }
  const link = document.querySelector(`a[data-key="${CSS.escape(`${firstKey} ${key}`)}"]`);
  firstKey = key;
  setTimeout(() => (firstKey = ""), 1200);
  if (link) link.click();
  return Boolean(link);
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    const open = document.querySelector("details.cw-menu[open] > summary");
    closeMenus(null);
    if (open) open.focus();
    if (navIsOpen()) showNav(false);
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isTyping(event.target) || keysAreOff()) return;
  if (press(event.key)) event.preventDefault();
});

function showKeySwitch() {
  document.querySelectorAll("[data-keys-switch]").forEach((button) => {
    button.setAttribute("aria-pressed", String(!keysAreOff()));
  });
}
on("click", "[data-keys-switch]", () => {
  stored.set("cw-keys", keysAreOff() ? null : "off");
  showKeySwitch();
});

// --- network -----------------------------------------------------------------------------------------------------

function showNetwork() {
  const banner = document.querySelector("[data-offline]");
  if (banner) banner.hidden = navigator.onLine;
}
window.addEventListener("online", showNetwork);
window.addEventListener("offline", showNetwork);

fillKeys();
showKeySwitch();
showNetwork();
