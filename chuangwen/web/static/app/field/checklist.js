// The checklist: each item is a form that also works without this script. A verdict is kept on the phone at once, shown
// at once, and sent in the background; nothing here waits for the network.

import { element, word } from "../words.js";
import { keep, stateWords } from "./answers.js";
import { kick } from "./background.js";
import { prepared, sizeWords } from "./photos.js";
import { entriesOf, photosOf, update } from "./queue.js";
import { readAsking, showAsked } from "./relevance.js";
import { onNews } from "./store.js";
import { takePosition } from "./position.js";

const items = new WeakMap(); // form -> what the person has done with it and not saved yet
let me = null;

function itemOf(form) {
  if (!items.has(form)) items.set(form, { photos: [], preparing: Promise.resolve(), draft: false });
  return items.get(form);
}

/** Which criterion at which place of which round, or of which second look: the address of the form says it. */
function about(form) {
  const path = new URL(form.action).pathname;
  const code = form.elements.criterion.value;
  const recheck = path.match(/rechecks\/(\d+)\//);
  if (recheck) return { recheck: Number(recheck[1]), code };
  const [, patrol, site] = path.match(/patrols\/(\d+)\/sites\/(\d+)\//);
  return { patrol: Number(patrol), site: Number(site), code };
}

function subjectOf(form) {
  const { recheck, patrol, site, code } = about(form);
  return recheck ? `second:${recheck}/${code}` : `finding:${patrol}/${site}/${code}`;
}

// --- what the person sees ------------------------------------------------------------------------------------------

function showVerdict(form, verdict) {
  form.querySelectorAll("[data-verdict-button]").forEach((button) => {
    button.setAttribute("aria-pressed", String(button.value === verdict));
  });
}

function mark(form, verdict) {
  form.closest("[data-check]").dataset.verdict = verdict;
  showVerdict(form, verdict);
  showProgress();
}

export function say(form, state, sentence) {
  const place = form.querySelector("[data-check-state]");
  place.dataset.state = state;
  place.textContent = "";
  place.append(element("span", "", sentence));
  if (state !== "refused") return;
  const again = element("button", "btn cw-retry", word("field_again"));
  again.type = "button";
  again.dataset.retry = "";
  place.append(again);
}

export function showProgress() {
  showAsked();
  const all = Array.from(document.querySelectorAll("[data-check]:not([hidden])"));
  const done = all.filter((item) => item.dataset.verdict).length;
  document.querySelectorAll("[data-check-done]").forEach((place) => (place.textContent = done));
  document.querySelectorAll("[data-check-total]").forEach((place) => (place.textContent = all.length));
  document.querySelectorAll("progress[data-check-progress]").forEach((bar) => Object.assign(bar, { max: all.length || 1, value: done }));
}

function photoWords(photo) {
  if (!photo.blob) return photo.name; // from the queue
  const size = sizeWords(photo.blob.size);
  const words = [word(photo.shrunk ? "photo_shrunk" : "photo_kept", { name: photo.name, size })];
  if (!photo.small) words.push(word("photo_unreadable"));
  else if (!photo.exif) words.push(word("photo_no_exif"));
  return words.join("，");
}

export function showPhotos(form) {
  const shelf = form.querySelector("[data-check-shots]");
  shelf.textContent = "";
  itemOf(form).photos.forEach((photo, at) => {
    const shot = element("li", "cw-shot");
    if (photo.small) shot.append(Object.assign(element("img"), { src: photo.small, alt: "" }));
    shot.append(element("span", "cw-shot-words", photoWords(photo)));
    const remove = element("button", "btn cw-shot-remove", "×");
    remove.type = "button";
    remove.dataset.removePhoto = at;
    remove.setAttribute("aria-label", word("remove_photo"));
    shot.append(remove);
    shelf.append(shot);
  });
}

/** What waits for this item stands in it again, also after the page was closed. */
async function restore(form, entry) {
  mark(form, entry.fields.verdict);
  form.elements.note.value = entry.fields.note;
  if (entry.fields.verdict === "fail") form.querySelector("[data-check-more]").open = true;
  itemOf(form).photos = await photosOf(entry);
  itemOf(form).entry = entry.no;
  showPhotos(form);
}

function formsHere() {
  return Array.from(document.querySelectorAll("[data-check-form]"));
}

/** Bring every item into line with the queue. */
export async function reflect() {
  if (!me || !formsHere().length) return;
  const waiting = new Map((await entriesOf(me.id)).map((entry) => [entry.subject, entry]));
  for (const form of formsHere()) {
    const entry = waiting.get(subjectOf(form));
    const item = itemOf(form);
    if (!entry || item.draft) continue;
    if (item.entry !== entry.no) await restore(form, entry);
    say(form, entry.state === "refused" ? "refused" : "kept", stateWords(entry));
  }
}

// --- what the person does ------------------------------------------------------------------------------------------

function entryOf(form, verdict) {
  const facts = about(form);
  const value = (name) => (verdict === "fail" ? form.elements[name].value : "");
  return {
    owner: me.id, ownerName: me.name, kind: facts.recheck ? "second" : "finding", about: facts, subject: subjectOf(form),
    group: facts.recheck ? `recheck:${facts.recheck}` : `visit:${facts.patrol}/${facts.site}`, url: new URL(form.action).pathname, back: location.pathname,
    label: form.querySelector("[data-slot=text]").textContent, place: document.querySelector("h1").textContent,
    fields: { criterion: facts.code, verdict, note: form.elements.note.value, lng: value("lng"), lat: value("lat") },
  };
}

async function save(form, verdict) {
  const item = itemOf(form);
  item.draft = true; // until it is on the disk the queue must not overwrite what stands here
  await keep(entryOf(form, verdict), verdict === "fail" ? item.photos : [], form.querySelector("[data-check-state]"), (answer) => {
    item.draft = false;
    mark(form, verdict);
    if (answer.state === "sent") return say(form, "saved", answer.message || word("saved"));
    item.entry = answer.entry.no;
    say(form, "kept", stateWords(answer.entry));
    return null;
  });
}

function choose(form, verdict) {
  showVerdict(form, verdict);
  if (verdict !== "fail") {
    save(form, verdict);
    return;
  }
  itemOf(form).draft = true;
  const more = form.querySelector("[data-check-more]");
  more.open = true;
  if (!form.elements.lng.value && !about(form).recheck) takePosition(form); // it puts a line into the form, so it comes before the scrolling
  more.scrollIntoView({ block: "nearest", behavior: "smooth" });
}

async function saveFailed(form) {
  const item = itemOf(form);
  await item.preparing; // a picture that is still being made smaller belongs to this record
  if (form.hasAttribute("data-photo-required") && !item.photos.length) {
    showVerdict(form, "fail");
    return say(form, "draft", word("photo_needed"));
  }
  if (form.hasAttribute("data-note-required") && !form.elements.note.value.trim()) {
    showVerdict(form, "fail");
    return say(form, "draft", word("field_note_wanted"));
  }
  return save(form, "fail");
}

async function takePhotos(form, files) {
  for (const file of files) {
    itemOf(form).photos.push(await prepared(file));
    showPhotos(form);
  }
}

function pickPhotos(form, input) {
  const item = itemOf(form);
  const files = Array.from(input.files);
  input.value = ""; // the pictures are kept in the item, so that the next one does not replace them
  item.draft = true;
  item.preparing = item.preparing.then(() => takePhotos(form, files));
}

function dropPhoto(form, at) {
  itemOf(form).photos.splice(at, 1);
  itemOf(form).draft = true;
  showPhotos(form);
}

async function sendAgain(form) {
  const entry = (await entriesOf(me.id)).find((one) => one.subject === subjectOf(form));
  if (entry) await update(entry.no, { state: "waiting", why: [] });
  kick();
}

const ACTIONS = {
  "[data-verdict-button]": (form, button) => choose(form, button.value),
  "[data-check-save]": (form) => saveFailed(form),
  "[data-retry]": (form) => sendAgain(form),
  "[data-remove-photo]": (form, button) => dropPhoto(form, Number(button.dataset.removePhoto)),
};

function taken(news) {
  const form = formsHere().find((one) => subjectOf(one) === news.subject);
  if (!form || itemOf(form).draft) return;
  const item = itemOf(form);
  item.photos = [];
  item.entry = null;
  showPhotos(form);
  say(form, "saved", news.message || word("saved"));
}

/** Begin: called once by each page, with the person who is here. */
export function watchChecklist(person) {
  me = person;
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    const form = button && button.closest("[data-check-form]");
    if (!form || !me) return;
    const found = Object.keys(ACTIONS).find((selector) => button.matches(selector));
    if (!found) return;
    event.preventDefault(); // not as a whole page
    ACTIONS[found](form, button);
  });
  document.addEventListener("change", (event) => {
    const form = event.target.closest("[data-check-form]");
    if (form && event.target.matches("[data-check-photo]")) pickPhotos(form, event.target);
  });
  document.addEventListener("input", (event) => {
    const form = event.target.closest("[data-check-form]");
    if (form && event.target.name === "note") itemOf(form).draft = true;
  });
  window.addEventListener("beforeunload", (event) => {
    if (!formsHere().some((form) => itemOf(form).draft)) return;
    event.preventDefault();
    event.returnValue = word("unsaved");
  });
  onNews((news) => (news.kind === "sent" ? taken(news) : news.kind === "queue" && reflect()));
  readAsking();
  showProgress();
  return reflect();
}
