// Pieces of the pages that the phone makes itself, from the templates of the page that stands for all others.

import { element } from "../words.js";

/** A copy of a template; `values` go into its [data-slot]s, an empty one takes its element away. */
export function make(name, values = {}) {
  const node = document.getElementById(`t-${name}`).content.firstElementChild.cloneNode(true);
  node.querySelectorAll("[data-slot]").forEach((slot) => {
    const value = values[slot.dataset.slot];
    if (value === undefined) return;
    if (value === "" || value === null) slot.remove();
    else slot.textContent = value;
  });
  return node;
}

export function badge(name, words) {
  const node = make(`badge-${name}`);
  if (words) node.lastChild.textContent = words;
  return node;
}

export function empty(title, text) {
  return make("empty", { title, text });
}

export function section(title, ...content) {
  const node = element("section");
  node.append(element("h2", "cw-section", title), ...content);
  return node;
}

/** A button that does something on this page. */
export function actionButton(text, action, look = "btn") {
  const button = element("button", look, text);
  button.type = "button";
  button.addEventListener("click", action);
  return button;
}
