// The checklist on the phone. Every item is a form that also works without this script. A verdict is shown at once and
// sent one at a time; what the server has not confirmed stays in the form, is called unsaved, and can be sent again
// under the same client key, which the server takes only once.

import { element, newKey, word } from "./words.js";
import { prepared, sizeWords } from "./photos.js";

const PATIENCE = 30000;
const items = new WeakMap(); // form -> what the person has done with it
let line = Promise.resolve(); // one request at a time keeps the order of taps
let stalePage = false; // after a log-in elsewhere the tokens of this page no longer count

function itemOf(form) {
  if (items.has(form)) return items.get(form);
  items.set(form, { photos: [], preparing: Promise.resolve(), verdict: "", key: "", state: "", again: false });
  return items.get(form);
}

// --- what the person sees ----------------------------------------------------------------------------------------

function showVerdict(form, verdict) {
  form.querySelectorAll("[data-verdict-button]").forEach((button) => {
    button.setAttribute("aria-pressed", String(button.value === verdict));
  });
}

function say(form, state, sentence, extra = null) {
  itemOf(form).state = state;
  const place = form.querySelector("[data-check-state]");
  place.dataset.state = state;
  place.textContent = "";
  if (state === "unsaved") {
    const again = element("button", "btn cw-retry", word("not_saved"));
    again.type = "button";
    again.dataset.retry = "";
    place.append(again);
  }
  place.append(element("span", "", sentence));
  if (extra) place.append(extra);
  showQueue();
}

function unsavedForms() {
  return Array.from(document.querySelectorAll("[data-check-form]")).filter((form) =>
    ["draft", "saving", "unsaved"].includes(itemOf(form).state),
  );
}

function showQueue() {
  const waiting = unsavedForms().length;
  document.querySelectorAll("[data-queue]").forEach((pill) => {
    pill.dataset.state = waiting ? "unsaved" : "saved";
    pill.textContent = waiting ? word("queue", { n: waiting }) : word("all_saved");
  });
}

function showProgress() {
  const all = document.querySelectorAll("[data-check]");
  const done = Array.from(all).filter((item) => item.dataset.verdict).length;
  document.querySelectorAll("[data-check-done]").forEach((place) => (place.textContent = done));
  document.querySelectorAll("progress[data-check-progress]").forEach((bar) => (bar.value = done));
}

function loginLink() {
  const link = element("a", "cw-login-again", word("login_link"));
  link.href = document.body.dataset.loginUrl || "/login/";
  link.target = "_blank";
  return link;
}

// --- sending -----------------------------------------------------------------------------------------------------

function contents(form, item) {
  const data = new FormData(form);
  data.delete("photo");
  item.photos.forEach((photo) => data.append("photo", photo.blob, photo.name));
  data.set("verdict", item.verdict);
  data.set("client_key", item.key);
  return data;
}

async function post(form, item) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), PATIENCE);
  try {
    return await fetch(form.action, {
      method: "POST",
      body: contents(form, item),
      headers: { Accept: "application/json" },
      redirect: "manual", // the only redirect here leads to the log-in page
      signal: stop.signal,
    });
  } finally {
    clearTimeout(timer);
  }
}

/** Take over the form token of a freshly fetched page: a log-in elsewhere has made this page's tokens stale. */
async function refreshTokens() {
  const answer = await fetch(location.href, { redirect: "manual" });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const token = page.querySelector("input[name=csrfmiddlewaretoken]");
  if (!token) return;
  document.querySelectorAll("input[name=csrfmiddlewaretoken]").forEach((input) => (input.value = token.value));
  stalePage = false;
}

function isJson(answer) {
  return (answer.headers.get("content-type") || "").includes("json");
}

function isLogin(answer) {
  return answer.type === "opaqueredirect" || answer.status === 401;
}

async function readAnswer(form, answer) {
  if (isLogin(answer)) {
    stalePage = true;
    return say(form, "unsaved", word("login_again"), loginLink());
  }
  const body = isJson(answer) ? await answer.json() : null;
  if (body && body.ok) return replaceItem(form, body);
  if (body && body.objections) return say(form, "unsaved", body.objections.join(" "));
  if (answer.status === 403) return say(form, "unsaved", word("login_again"), loginLink());
  return say(form, "unsaved", word("server_failed", { code: answer.status }));
}

function replaceItem(form, body) {
  const sent = itemOf(form);
  const holder = document.createElement("template");
  holder.innerHTML = (body.html || "").trim();
  const fresh = holder.content.firstElementChild;
  const old = form.closest("[data-check]");
  const focused = old.contains(document.activeElement);
  sent.state = "saved";
  if (!fresh) {
    old.dataset.verdict = sent.verdict;
    sent.photos = [];
    sent.key = "";
    say(form, "saved", body.message || word("saved"));
    return showProgress();
  }
  old.replaceWith(fresh);
  const next = fresh.querySelector("[data-check-form]");
  say(next, "saved", body.message || word("saved"));
  if (focused) next.querySelector(`[data-verdict-button][value="${sent.verdict}"]`).focus({ preventScroll: true });
  return showProgress();
}

async function deliver(form, item) {
  try {
    if (stalePage) await refreshTokens();
    let answer = await post(form, item);
    if (answer.status === 403 && !isJson(answer)) {
      await refreshTokens(); // the token was stale: one more try with a fresh one
      answer = await post(form, item);
    }
    await readAnswer(form, answer);
  } catch (_) {
    say(form, "unsaved", word("no_network"));
    item.again = true;
  }
}

function send(form) {
  const item = itemOf(form);
  if (item.state === "saving") return;
  item.key = item.key || newKey();
  item.again = false;
  showVerdict(form, item.verdict);
  say(form, "saving", word("saving"));
  line = line.then(() => deliver(form, item));
}

// --- what the person does ----------------------------------------------------------------------------------------

function choose(form, verdict) {
  const item = itemOf(form);
  if (item.state === "saving") return;
  if (item.verdict !== verdict) item.key = ""; // another verdict is another submission
  item.verdict = verdict;
  showVerdict(form, verdict);
  form.dataset.choice = verdict;
  if (verdict !== "fail") {
    send(form);
    return;
  }
  item.state = "draft";
  showQueue();
  const more = form.querySelector("[data-check-more]");
  more.open = true;
  askPosition(form); // it puts a line into the form, so it comes before the scrolling
  more.scrollIntoView({ block: "nearest", behavior: "smooth" });
}

async function saveFailed(form) {
  const item = itemOf(form);
  item.verdict = "fail";
  await item.preparing; // a picture that is still being made smaller belongs to this record
  if (form.hasAttribute("data-photo-required") && !item.photos.length && !form.querySelector("[data-kept-photo]")) {
    showVerdict(form, "fail");
    return say(form, "draft", word("photo_needed"));
  }
  return send(form);
}

/** One look at the position, only when something is wrong, only if the person allows it; saving never waits for it. */
function askPosition(form) {
  if (!form.elements.lng.value) takePosition(form);
}

function takePosition(form) {
  const place = form.querySelector("[data-check-place]");
  if (!place) return;
  if (!navigator.geolocation) {
    place.textContent = word("no_position");
    return;
  }
  place.textContent = word("locating");
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      form.elements.lng.value = coords.longitude.toFixed(6);
      form.elements.lat.value = coords.latitude.toFixed(6);
      form.elements.accuracy.value = Math.round(coords.accuracy);
      place.textContent = word("located", { metres: Math.round(coords.accuracy) });
    },
    () => (place.textContent = word("no_position")),
    { enableHighAccuracy: true, timeout: 15000, maximumAge: 30000 },
  );
}

function photoWords(photo) {
  const size = sizeWords(photo.blob.size);
  const words = [word(photo.shrunk ? "photo_shrunk" : "photo_kept", { name: photo.name, size })];
  if (!photo.thumbnail) words.push(word("photo_unreadable"));
  else if (!photo.exif) words.push(word("photo_no_exif"));
  return words.join("，");
}

function showPhotos(form) {
  const item = itemOf(form);
  const shelf = form.querySelector("[data-check-shots]");
  shelf.textContent = "";
  item.photos.forEach((photo, at) => {
    const shot = element("li", "cw-shot");
    if (photo.thumbnail) shot.append(photo.thumbnail);
    shot.append(element("span", "cw-shot-words", photoWords(photo)));
    const remove = element("button", "btn cw-shot-remove", "×");
    remove.type = "button";
    remove.dataset.removePhoto = at;
    remove.setAttribute("aria-label", word("remove_photo"));
    shot.append(remove);
    shelf.append(shot);
  });
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
  item.key = ""; // more evidence is another submission
  item.preparing = item.preparing.then(() => takePhotos(form, files));
}

function dropPhoto(form, at) {
  const item = itemOf(form);
  item.photos.splice(at, 1);
  item.key = "";
  showPhotos(form);
}

// --- listening ---------------------------------------------------------------------------------------------------

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  const form = button.closest("[data-check-form]");
  if (!form) return;
  if (button.matches("[data-verdict-button], [data-check-save]")) event.preventDefault(); // not as a whole page
  if (button.matches("[data-verdict-button]")) choose(form, button.value);
  if (button.matches("[data-check-save]")) saveFailed(form);
  if (button.matches("[data-retry]")) send(form);
  if (button.matches("[data-remove-photo]")) dropPhoto(form, Number(button.dataset.removePhoto));
});

document.addEventListener("change", (event) => {
  const form = event.target.closest("[data-check-form]");
  if (form && event.target.matches("[data-check-photo]")) pickPhotos(form, event.target);
  if (form && event.target.name === "note") itemOf(form).key = "";
});

window.addEventListener("online", () => unsavedForms().filter((form) => itemOf(form).again).forEach(send));
window.addEventListener("beforeunload", (event) => {
  if (!unsavedForms().length) return;
  event.preventDefault();
  event.returnValue = word("unsaved");
});

showProgress();

// --- a report by hand: the position only when the person asks for it ---------------------------------------------

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-take-place]");
  if (!button) return;
  const form = button.closest("form");
  form.elements.lng.value = "";
  form.elements.lat.value = "";
  takePosition(form);
});
