// The other forms of the phone: a check, a fix, a report, the end of a place. Kept first, then sent; the person goes on.

import { element, word } from "../words.js";
import { keep, outcome, whyWords } from "./answers.js";
import { prepared } from "./photos.js";
import { answerFields, answerPhotos, answersSaid, restorePhotos, troublesIn } from "./questions.js";
import { entriesOf, photosOf } from "./queue.js";
import { unansweredHere } from "./relevance.js";
import { takePosition } from "./position.js";

const FLASH = "cw-flash";
let me = null;

/** A sentence that the next page shows. */
export function flash(text) {
  try {
    sessionStorage.setItem(FLASH, text);
  } catch (_) {
    // the next page shows the state itself
  }
}

export function showFlash() {
  let text = "";
  try {
    text = sessionStorage.getItem(FLASH) || "";
    sessionStorage.removeItem(FLASH);
  } catch (_) {
    return;
  }
  if (!text) return;
  const line = element("p", "cw-alert cw-tone-info", text);
  line.setAttribute("role", "status");
  document.querySelector("#main").prepend(line);
}

const NAMES = {
  check: ["note", "version"],
  rectify: ["note", "version"],
  report: ["title", "text", "place", "site", "standard", "lng", "lat"],
  finish: [],
  "second-finish": [],
  answers: [],
};
const ENDS = ["finish", "second-finish"];

function address(form) {
  return new URL(form.action || location.href).pathname;
}

function aboutOf(kind, path) {
  const patrol = path.match(/patrols\/(\d+)\/sites\/(\d+)\//);
  if (patrol) return { patrol: Number(patrol[1]), site: Number(patrol[2]) };
  const recheck = path.match(/rechecks\/(\d+)\//);
  if (recheck) return { recheck: Number(recheck[1]) };
  const number = path.match(/(?:checks|cases)\/(\d+)\//);
  return { case: number ? Number(number[1]) : null };
}

function subjectOf(kind, about, form) {
  if (kind === "finish" || kind === "answers") return `${kind}:${about.patrol}/${about.site}`;
  if (kind === "second-finish") return `${kind}:${about.recheck}`;
  if (kind === "report") return `report:${form.elements.client_key.value}`;
  return `${kind}:${about.case}`;
}

/** What belongs together: an end is sent after everything else of its group. */
function groupOf(about, subject) {
  if (about.patrol) return `visit:${about.patrol}/${about.site}`;
  return about.recheck ? `recheck:${about.recheck}` : subject;
}

const NAMED = { finish: "field_finish", "second-finish": "field_second_finish", answers: "field_questions_title" };

function labelOf(kind, form, pressed) {
  if (kind === "report") return form.elements.title.value;
  const name = NAMED[kind] ? word(NAMED[kind]) : pressed.textContent.trim();
  return `${name}：${form.dataset.label || document.querySelector("h1").textContent}`;
}

function entryOf(kind, form, pressed) {
  const url = address(form);
  const about = aboutOf(kind, url);
  const subject = subjectOf(kind, about, form);
  const plain = () => Object.fromEntries(NAMES[kind].map((name) => [name, form.elements[name] ? form.elements[name].value : ""]));
  const fields = kind === "answers" ? answerFields(form) : plain();
  if (kind === "check") fields.verdict = pressed.value;
  if (ENDS.includes(kind)) fields.rest_passes = form.elements.rest_passes.checked ? "1" : "";
  return {
    owner: me.id, ownerName: me.name, kind, about, url, fields, back: location.pathname, subject, group: groupOf(about, subject),
    label: labelOf(kind, form, pressed), place: form.dataset.place || "", said: kind === "answers" ? answersSaid(form) : "",
  };
}

/** What is missing can be said without a server. */
function missing(kind, form, pressed) {
  if (kind === "check" && pressed.value === "fail" && !form.elements.note.value.trim()) return word("field_reason_needed");
  if (kind === "rectify" && !form.elements.note.value.trim()) return word("field_note_needed");
  if (kind === "rectify" && form.hasAttribute("data-photo-required") && !photoCount(form)) return word("field_after_needed");
  if (kind === "report" && !form.elements.title.value.trim()) return word("field_title_needed");
  const where = ["site", "place", "lng"].some((name) => kind === "report" && form.elements[name].value.trim());
  if (kind === "report" && !where) return word("field_where_needed");
  if (kind === "answers") return troublesIn(form);
  if (!ENDS.includes(kind)) return "";
  const left = document.querySelectorAll('[data-check][data-verdict=""]:not([hidden])').length;
  const unanswered = unansweredHere().map((row) => word("field_unanswered", { label: row.label }));
  const open = left && !form.elements.rest_passes.checked ? [word("field_left", { n: left })] : [];
  return [...unanswered, ...open].join(" ");
}

const brought = new WeakMap(); // form -> photos that came back from the queue

function photoCount(form) {
  const input = form.querySelector("input[type=file]");
  return (input ? input.files.length : 0) + (brought.get(form) || []).length;
}

async function photosFor(form) {
  if (form.dataset.fieldForm === "answers") return answerPhotos(form);
  const input = form.querySelector("input[type=file]");
  const fresh = await Promise.all(Array.from(input ? input.files : []).map(prepared));
  return [...(brought.get(form) || []), ...fresh];
}

function stateOf(form) {
  let place = form.querySelector("[data-form-state]");
  if (!place) {
    place = element("p", "cw-check-state");
    place.dataset.formState = "";
    place.setAttribute("role", "status");
    form.append(place);
  }
  return place;
}

function sayHere(form, sentence, state = "unsaved") {
  const place = stateOf(form);
  place.dataset.state = state;
  place.textContent = sentence;
  place.scrollIntoView({ block: "nearest" });
}

function go(form, text) {
  flash(text);
  location.assign(form.dataset.next || "/field/");
}

async function settle(form, answer) {
  if (answer.state === "sent") return go(form, answer.message);
  const found = await outcome(answer.entry, async (no) => (await entriesOf(me.id)).find((one) => one.no === no));
  if (found.state === "sent") return go(form, found.message);
  if (found.state === "waiting") return go(form, word("field_kept_long"));
  form.querySelectorAll("button").forEach((button) => (button.disabled = false));
  if (found.entry.kind !== "answers") brought.set(form, await photosOf(found.entry));
  const input = form.querySelector("input[type=file]");
  if (input) input.value = "";
  return sayHere(form, word("field_refused") + whyWords(found.entry.why) + (found.entry.theirs ? ` ${word("field_theirs", { text: found.entry.theirs })}` : ""));
}

async function submit(form, pressed) {
  const kind = form.dataset.fieldForm;
  const lacks = missing(kind, form, pressed);
  if (lacks) return sayHere(form, lacks);
  form.querySelectorAll("button").forEach((button) => (button.disabled = true));
  sayHere(form, word("saving"), "kept");
  try {
    await keep(entryOf(kind, form, pressed), await photosFor(form), stateOf(form), (answer) => settle(form, answer));
  } finally {
    if (stateOf(form).dataset.state === "unsaved") form.querySelectorAll("button").forEach((button) => (button.disabled = false));
  }
  return null;
}

/** What this person had written here and the server did not take, or has not seen yet, stands in the form again. */
export async function restoreForms() {
  if (!me) return;
  const all = await entriesOf(me.id);
  const wanted = new URLSearchParams(location.search).get("entry");
  for (const form of document.querySelectorAll("[data-field-form]")) {
    const kind = form.dataset.fieldForm;
    const subject = kind === "report" ? null : subjectOf(kind, aboutOf(kind, address(form)), form);
    const entry = all.find((one) => (subject ? one.subject === subject : one.kind === "report" && String(one.no) === wanted));
    if (!entry) continue;
    for (const name of NAMES[kind]) if (name !== "version" && form.elements[name]) form.elements[name].value = entry.fields[name] || "";
    if (kind === "report") form.elements.client_key.value = entry.subject.slice("report:".length);
    if (kind === "answers") await restorePhotos(form, entry);
    else brought.set(form, await photosOf(entry));
    sayHere(form, entry.state === "refused" ? word("field_refused") + whyWords(entry.why) : word("field_kept"), entry.state === "refused" ? "unsaved" : "kept");
    if (entry.photos.length) stateOf(form).append(element("span", "", word("field_photos_here", { n: entry.photos.length })));
  }
}

/** Begin: called once by each page, with the person who is here. */
export function watchForms(person) {
  me = person;
  document.addEventListener(
    "submit",
    (event) => {
      const form = event.target;
      if (!me || !form.matches("[data-field-form]")) return;
      event.preventDefault(); // before app.js holds the buttons
      submit(form, event.submitter);
    },
    true,
  );
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-take-place]");
    if (!button) return;
    const form = button.closest("form");
    form.elements.lng.value = "";
    form.elements.lat.value = "";
    takePosition(form);
  });
  return restoreForms();
}
