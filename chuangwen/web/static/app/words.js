// The sentences of the scripts come from the page (tag js_words), so that they are in the page's language.

let words = null;

/** The sentence with this key; `{name}` in it is filled from `values`. */
export function word(key, values = {}) {
  if (words === null) {
    const blocks = Array.from(document.querySelectorAll("#cw-words, #cw-field-words"));
    words = Object.assign({}, ...blocks.map((block) => JSON.parse(block.textContent)));
  }
  return (words[key] || key).replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** A key that names one submission, so that the server takes a repeated one only once. */
export function newKey() {
  if (window.crypto && crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16)); // randomUUID exists on https only and from 2021 on
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** An element with a class and a text. */
export function element(name, className = "", text = "") {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}

/** What lies in the JSON block with this id; null when there is none. */
export function blockData(id) {
  const block = document.getElementById(id);
  return block ? JSON.parse(block.textContent) : null;
}

const loaded = new Map();

/** Load a classic script of our own server once. */
export function library(url) {
  if (!loaded.has(url)) {
    const script = element("script");
    script.src = url;
    loaded.set(
      url,
      new Promise((resolve, reject) => {
        script.onload = resolve;
        script.onerror = reject;
      }),
    );
    document.head.append(script);
  }
  return loaded.get(url);
}
