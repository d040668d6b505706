// The items of a checklist, for a round and for a second look.

import { element, word } from "../words.js";
import { say } from "./checklist.js";
import { make, section } from "./making.js";
import { pictureOf } from "./pictures.js";

function fillCheck(node, action, criterion, finding) {
  const form = node.querySelector("form");
  node.id = `criterion-${criterion.code}`;
  node.querySelectorAll("[id*=__code__], [for*=__code__], [aria-labelledby*=__code__]").forEach((part) => {
    for (const name of ["id", "for", "aria-labelledby"]) {
      const old = part.getAttribute(name);
      if (old) part.setAttribute(name, old.replace("__code__", criterion.code));
    }
  });
  form.action = action;
  form.elements.criterion.value = criterion.code;
  node.querySelector("[data-severity]").replaceWith(make(`severity-${criterion.severity || "none"}`));
  if (criterion.photo) {
    form.dataset.photoRequired = "";
    form.querySelector("[data-check-photo]").setAttribute("capture", "environment");
  } else {
    node.querySelector("[data-slot=photo]").remove();
  }
  if (criterion.must_note) form.dataset.noteRequired = "";
  if (criterion.picture) node.querySelector("[data-picture]").append(pictureOf(criterion.picture));
  node.dataset.verdict = finding ? finding.verdict : "";
  if (!finding) return;
  form.querySelectorAll("[data-verdict-button]").forEach((button) => button.setAttribute("aria-pressed", String(button.value === finding.verdict)));
  form.elements.note.value = finding.note;
  if (finding.case) say(form, "saved", word("field_case", { number: finding.case, unit: finding.unit }));
}

function checkItem(action, criterion, finding) {
  const carve = criterion.carve_outs && word("field_carve_outs", { text: criterion.carve_outs });
  const node = make("check", { code: criterion.code, text: criterion.text, hint: criterion.hint, carve_outs: carve });
  fillCheck(node, action, criterion, finding);
  return node;
}

/** The criteria of a list by their content, each a form that posts to `action`; `findings`: what was judged, by code. */
export function checkGroups(list, action, findings) {
  const groups = new Map();
  for (const criterion of list) {
    if (!groups.has(criterion.group)) groups.set(criterion.group, element("ul", "cw-checks"));
    groups.get(criterion.group).append(checkItem(action, criterion, findings[criterion.code]));
  }
  return Array.from(groups, ([name, items]) => section(name, items));
}
