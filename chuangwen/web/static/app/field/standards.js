// The case standards: what opens a case, how long it may take, when it is closed. Found by words of any of it.

import { element, word } from "../words.js";
import { make } from "./making.js";

const MOST_SHOWN = 60;

function card([name, condition, limit, closes]) {
  const made = make("told", { title: name, note: condition });
  const more = [limit && word("field_standard_limit", { text: limit }), closes && word("field_closes_when", { text: closes })];
  made.append(element("span", "cw-card-note", more.filter(Boolean).join(" · ")));
  return made;
}

export function standards({ pack }) {
  if (!pack.standards) return null;
  const form = make("standards");
  const count = element("p", "cw-check-hint");
  count.setAttribute("role", "status");
  const list = element("div");
  const show = () => {
    const words = form.elements.q.value.trim().split(/\s+/);
    const found = pack.standards.filter((row) => words.every((one) => row.join(" ").includes(one)));
    count.textContent = word("field_standards_found", { n: found.length, all: pack.standards.length });
    list.replaceChildren(...found.slice(0, MOST_SHOWN).map(card));
  };
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", show);
  show();
  return { title: word("field_standards"), back: "/field/report/", content: [form, count, list] };
}
