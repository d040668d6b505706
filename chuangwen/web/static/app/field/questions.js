// The further questions of a place: all on one page, shown as the answers go, checked before they are kept.

import { element, word } from "../words.js";
import { asking, dayAt } from "./asking.js";
import { dayOf } from "./conditions.js";
import { actionButton, make } from "./making.js";
import { prepared, sizeWords } from "./photos.js";
import { pictureOf } from "./pictures.js";
import { photosOf } from "./queue.js";

const MODES = { integer: "numeric", decimal: "decimal" };
const PLAIN = new Set(["integer", "decimal", "geopoint", "date"]); // a Chinese keyboard may write them in wide signs
const SETTLED = 300; // milliseconds: a sentence that appears at once would push away the button under the finger
const sheets = new WeakMap(); // form -> {asked, verdicts, today, kept, photos}

/** What this place asks, with what was answered: {asked, given, day, verdicts}; null when nothing is asked. */
export function asksOf(pack, numbers) {
  const round = pack[`patrol:${numbers[0]}`];
  const stop = round && round.stops.find((one) => one.site === numbers[1]);
  const asked = stop && pack[`ask:${round.edition}/${stop.type}`];
  if (!asked) return null;
  const verdicts = Object.fromEntries(Object.entries(stop.findings).map(([code, finding]) => [code, finding.verdict]));
  return { round, stop, asked, verdicts, given: stop.answers || {}, day: stop.day || "" };
}

function stateOf({ asked, given, verdicts, day }) {
  return asking(asked, given, verdicts, day ? dayOf(day) : dayAt(new Date()));
}

/** The way to the questions, with how many still have to be answered; null where there are none. */
export function questionsLink(asks, path) {
  if (!asks || !asks.asked.questions.length) return null;
  const left = stateOf(asks).left().length;
  const note = left ? word("field_questions_left", { n: left }) : word("field_questions_done");
  const card = make("case-link", { title: word("field_questions", { n: asks.asked.questions.length }), note, due: "" });
  card.href = `${path}questions/`;
  return card;
}

// --- one question ------------------------------------------------------------------------------------------------------

function titleOf(name, row) {
  const title = element(name, "form-label", row.label);
  if (row.required) title.append(" ", element("span", "cw-required", word("field_must")));
  return title;
}

function choiceOf(row, [value, label, picture], answer) {
  const line = element("label", "form-check");
  const type = row.type === "select_one" ? "radio" : "checkbox";
  const input = Object.assign(element("input", "form-check-input"), { type, name: `a_${row.name}`, value, checked: answer.split(" ").includes(value) });
  const text = element("span", "form-check-label", label);
  if (picture) text.append(pictureOf(picture, label));
  line.append(input, text);
  return line;
}

function photoInput(row, answer) {
  const input = Object.assign(element("input", "form-control"), { type: "file", accept: "image/*", id: `a_${row.name}`, name: `a_${row.name}` });
  input.setAttribute("capture", "environment");
  const state = element("p", "cw-kept", answer ? word("field_photo_before") : "");
  state.dataset.photoState = "";
  state.hidden = !answer;
  return [state, input];
}

function positionButton(input) {
  const found = ({ coords }) => {
    input.value = `${coords.latitude.toFixed(6)} ${coords.longitude.toFixed(6)}`;
    input.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const ask = () => navigator.geolocation && navigator.geolocation.getCurrentPosition(found, () => {}, { enableHighAccuracy: true, timeout: 15000 });
  return actionButton(word("field_take_position"), ask);
}

function textInput(row, answer) {
  const type = row.type === "date" ? "date" : "text";
  const input = Object.assign(element("input", "form-control"), { type, id: `a_${row.name}`, name: `a_${row.name}`, value: answer, maxLength: 500 });
  if (MODES[row.type]) input.inputMode = MODES[row.type];
  return row.type === "geopoint" ? [input, positionButton(input)] : [input];
}

function hintOf(row) {
  const text = row.hint || (row.type === "geopoint" ? word("field_position_hint") : "");
  const parts = text ? [element("p", "form-hint", text)] : [];
  return row.picture ? [...parts, pictureOf(row.picture)] : parts;
}

function fieldOf(row, asked, answer) {
  const isChoice = row.type.startsWith("select_");
  const field = element(isChoice ? "fieldset" : "div", "cw-field");
  field.dataset.question = row.name;
  if (row.type === "note") field.append(element("p", "cw-check-hint", row.label), ...hintOf(row));
  else if (isChoice) field.append(titleOf("legend", row), ...hintOf(row), ...(asked.choices[row.list] || []).map((one) => choiceOf(row, one, answer)));
  else {
    const title = titleOf("label", row);
    title.htmlFor = `a_${row.name}`;
    field.append(title, ...hintOf(row), ...(row.type === "image" ? photoInput(row, answer) : textInput(row, answer)));
  }
  const trouble = element("p", "cw-check-state");
  trouble.dataset.trouble = "";
  trouble.dataset.state = "unsaved";
  trouble.setAttribute("role", "status");
  field.append(trouble);
  return field;
}

// --- all of them -------------------------------------------------------------------------------------------------------

function valuesOf(form, row) {
  const inputs = Array.from(form.querySelectorAll(`[name="a_${row.name}"]`));
  if (row.type.startsWith("select_")) return inputs.filter((input) => input.checked).map((input) => input.value).join(" ");
  const text = inputs.length ? inputs[0].value : "";
  return (PLAIN.has(row.type) ? text.normalize("NFKC") : text).trim();
}

function givenIn(form) {
  const { asked, photos, kept } = sheets.get(form);
  return Object.fromEntries(asked.questions.map((row) => {
    if (row.type === "image") return [row.name, photos.has(row.name) ? "1" : kept[row.name] || ""];
    return [row.name, valuesOf(form, row)];
  }));
}

function sentence(row, trouble) {
  return word("field_wrong", { label: row.label, text: trouble.words || word(trouble.word, trouble.values) });
}

/** Show what is asked by now, and what is wrong with an answer once it was left. */
function show(form, left) {
  const sheet = sheets.get(form);
  const state = asking(sheet.asked, givenIn(form), sheet.verdicts, sheet.today);
  for (const row of sheet.asked.questions) {
    const field = form.querySelector(`[data-question="${row.name}"]`);
    field.hidden = !state.isAsked(row);
    const trouble = state.trouble(row);
    const place = field.querySelector("[data-trouble]");
    if (!trouble) place.textContent = "";
    else if (left && field.contains(left)) place.textContent = sentence(row, trouble);
  }
  form.querySelectorAll("[data-group]").forEach((group) => {
    group.hidden = Array.from(group.querySelectorAll("[data-question]")).every((field) => field.hidden);
  });
}

async function takePhoto(form, input) {
  const [file] = input.files;
  const name = input.name.slice(2);
  if (!file) return;
  const { photos } = sheets.get(form);
  photos.set(name, await prepared(file));
  input.value = "";
  showPhoto(form, name);
  show(form);
}

function showPhoto(form, name) {
  const photo = sheets.get(form).photos.get(name);
  const place = form.querySelector(`[data-question="${name}"] [data-photo-state]`);
  place.hidden = false;
  place.replaceChildren();
  if (photo.small) place.append(Object.assign(element("img", "cw-shot-small"), { src: photo.small, alt: "" }));
  place.append(photo.blob ? word("photo_kept", { name: photo.name, size: sizeWords(photo.blob.size) }) : photo.name);
}

function groupsOf(asked, list, given) {
  const texts = new Map((list || []).map((criterion) => [criterion.code, `${criterion.code} ${criterion.text}`]));
  const groups = new Map();
  for (const row of asked.questions) {
    const code = row.criterion || "";
    if (!groups.has(code)) {
      const group = element("section");
      group.dataset.group = "";
      if (code) group.append(element("h2", "cw-section", texts.get(code) || code));
      groups.set(code, group);
    }
    groups.get(code).append(fieldOf(row, asked, given[row.name] || row.default || ""));
  }
  return groups.values();
}

/** The page of the questions, or null when the phone does not have it. */
export function questions({ pack, numbers, path }) {
  const asks = asksOf(pack, numbers);
  if (!asks || !asks.asked.questions.length) return null;
  const { round, stop, asked, verdicts, given, day } = asks;
  const back = path.replace(/questions\/$/, "");
  const title = word("field_questions_title");
  if (stop.finished && !stop.finish) return { title, back, content: [make("finished")] };
  const form = make("questions");
  form.action = path;
  Object.assign(form.dataset, { next: back, label: stop.name, place: round.title });
  form.querySelector("[data-questions]").append(...groupsOf(asked, pack[`list:${round.edition}/${stop.type}`], given));
  sheets.set(form, { asked, verdicts, kept: given, photos: new Map(), today: day ? dayOf(day) : dayAt(new Date()) });
  form.addEventListener("input", () => show(form));
  form.addEventListener("change", ({ target }) => {
    if (target.type === "file") takePhoto(form, target);
    else setTimeout(() => show(form, target), SETTLED);
  });
  const where = element("p", "cw-check-hint", [stop.name, stop.address].filter(Boolean).join(" · "));
  return { title, back, content: [where, form], after: () => show(form) };
}

// --- keeping them ------------------------------------------------------------------------------------------------------

/** What is wrong with the answers in this form, as one text; "" when nothing is. */
export function troublesIn(form) {
  const { asked, verdicts, today } = sheets.get(form);
  const state = asking(asked, givenIn(form), verdicts, today);
  const wrong = asked.questions.filter((row) => state.isAsked(row) && state.trouble(row));
  return wrong.map((row) => sentence(row, state.trouble(row))).join(" ");
}

/** The fields to send: what is asked with its answer, what is not asked any more without one. */
export function answerFields(form) {
  const { asked, verdicts, today, kept, photos } = sheets.get(form);
  const given = givenIn(form);
  const { isAsked } = asking(asked, given, verdicts, today);
  const fields = {};
  for (const row of asked.questions) {
    if (row.type === "note") continue;
    if (!isAsked(row) && kept[row.name]) fields[`a_${row.name}`] = "";
    else if (isAsked(row) && row.type !== "image") fields[`a_${row.name}`] = given[row.name];
  }
  return { ...fields, photo_for: asked.questions.filter((row) => photos.has(row.name) && isAsked(row)).map((row) => row.name).join(" ") };
}

/** The answers as people read them, for the list of what waits. */
export function answersSaid(form) {
  const { asked, verdicts, today } = sheets.get(form);
  const given = givenIn(form);
  const { isAsked } = asking(asked, given, verdicts, today);
  const choices = (row) => new Map(asked.choices[row.list] || []);
  const told = (row) => (row.type.startsWith("select_") ? given[row.name].split(" ").map((one) => choices(row).get(one) || one).join("、") : given[row.name]);
  const rows = asked.questions.filter((row) => isAsked(row) && row.type !== "image" && given[row.name]);
  return rows.map((row) => `${row.label}：${told(row)}`).join("；");
}

/** The photos that go with them, in the order of `photo_for`. */
export function answerPhotos(form) {
  const { photos } = sheets.get(form);
  return answerFields(form).photo_for.split(" ").filter(Boolean).map((name) => photos.get(name));
}

/** The photos of an entry that still waits belong to their questions again. */
export async function restorePhotos(form, entry) {
  const names = entry.fields.photo_for.split(" ").filter(Boolean);
  const found = await photosOf(entry);
  names.forEach((name, at) => {
    if (!found[at] || !sheets.has(form)) return;
    sheets.get(form).photos.set(name, found[at]);
    showPhoto(form, name);
  });
}
