// What waits: the count in the top bar, the list with every entry, and why the phone cannot send right now.

import { element, word } from "../words.js";
import { stateWords } from "./answers.js";
import { added, kick } from "./background.js";
import { actionButton } from "./making.js";
import { moment } from "./moments.js";
import { enqueue, entriesOf, remove, strangers, update } from "./queue.js";
import { isHeldBack } from "./sender.js";
import { getMeta, onNews } from "./store.js";

let me = null;

// --- the pill and the banner ----------------------------------------------------------------------------------------

async function showPill() {
  const entries = me ? await entriesOf(me.id) : [];
  const refused = entries.filter((entry) => entry.state === "refused").length;
  const words = [];
  if (entries.length - refused) words.push(word("field_waiting", { n: entries.length - refused }));
  if (refused) words.push(word("field_to_correct", { n: refused }));
  document.querySelectorAll("[data-queue]").forEach((pill) => {
    pill.dataset.state = refused ? "refused" : entries.length ? "waiting" : "saved";
    pill.querySelector("[data-queue-words]").textContent = words.join("，");
    pill.hidden = !entries.length;
  });
}

function loginUrl() {
  const here = location.pathname + location.search;
  return `${document.body.dataset.loginUrl || "/login/"}?next=${encodeURIComponent(here)}`;
}

const ASKS_FOR_LOGIN = ["login", "other_person", "nobody"];

let full = false; // what was to be taken along did not fit

async function showStop(reason) {
  const banner = document.querySelector("[data-stopped]");
  if (!banner) return;
  const asks = ASKS_FOR_LOGIN.includes(reason);
  banner.hidden = !asks && !full;
  banner.textContent = full && !asks ? word("field_stop_full") : "";
  if (!asks) return;
  banner.append(element("span", "", word(`field_stop_${reason}`)));
  const link = element("a", "btn", word("field_login"));
  link.href = loginUrl();
  banner.append(link);
}

// --- the list -------------------------------------------------------------------------------------------------------

const LATE = new Set([404, 409]);

/** What the person wrote, as one text: to be copied, or kept as a remark in a case that went on without it. */
function textOf(entry) {
  const { note, title, text, place } = entry.fields;
  return [title, note, text, place, entry.said].filter(Boolean).join("。");
}

async function copy(entry, line) {
  try {
    await navigator.clipboard.writeText(textOf(entry));
    line.textContent = word("field_copied");
  } catch (_) {
    window.prompt(word("copy_failed"), textOf(entry));
  }
}

async function asNote(entry) {
  const { owner, ownerName, about, label, place, back } = entry;
  const words = word("field_late_note", { label, text: textOf(entry) });
  await enqueue({
    owner, ownerName, about, kind: "note", subject: entry.subject, group: `case:${about.case}`, label: word("field_note_label"), place, back,
    url: `/field/cases/${about.case}/note/`, fields: { note: words },
  });
  added();
}

async function again(entry) {
  await update(entry.no, { state: "waiting", why: [] });
  kick();
}

async function drop(entry) {
  if (window.confirm(word("field_drop_sure", { label: entry.label }))) await remove(entry);
}

function link(href, text) {
  const made = element("a", "btn", text);
  made.href = href;
  return made;
}

function actionsOf(entry, line) {
  const row = element("div", "cw-waiting-actions");
  row.append(actionButton(word("field_again"), () => again(entry)));
  const target = entry.kind === "report" ? `/field/report/?entry=${entry.no}` : entry.back;
  if (entry.kind !== "note") row.append(link(target, word(entry.state === "refused" ? "field_correct" : "field_look")));
  if (entry.state !== "refused") return row;
  if (textOf(entry)) row.append(actionButton(word("field_copy"), () => copy(entry, line)));
  if (entry.about.case && entry.kind !== "note" && LATE.has(entry.status) && textOf(entry)) {
    row.append(actionButton(word("field_as_note"), () => asNote(entry)));
  }
  row.append(actionButton(word("field_drop"), () => drop(entry), "btn btn-outline-danger"));
  return row;
}

function rowOf(entry, all) {
  const row = element("li", "cw-waiting");
  row.dataset.state = entry.state;
  row.append(element("strong", "", entry.label));
  const photos = entry.photos.length ? word("field_photos", { n: entry.photos.length }) : "";
  const about = [entry.place, textOf(entry), photos, word("field_recorded", { when: moment(entry.found_at) })];
  row.append(element("p", "cw-card-note", about.filter(Boolean).join(" · ")));
  const held = isHeldBack(entry, all);
  const line = element("p", "cw-check-state", held ? word("field_held_back") : stateWords(entry));
  line.dataset.state = entry.state === "refused" ? "unsaved" : "kept";
  row.append(line);
  if (entry.theirs) row.append(element("p", "cw-kept", word("field_theirs", { text: entry.theirs })));
  row.append(actionsOf(entry, line));
  return row;
}

async function showStrangers(place) {
  const others = await strangers(me ? me.id : null);
  for (const [name, n] of others) place.append(element("p", "cw-kept", word("field_strangers", { name, n })));
}

async function stopWords() {
  const stopped = await getMeta("stopped");
  return stopped && stopped.reason && stopped.reason !== "nobody" ? word(`field_stop_${stopped.reason}`) : "";
}

export async function showList() {
  const place = document.querySelector("[data-waiting-list]");
  if (!place) return;
  const entries = me ? await entriesOf(me.id) : [];
  const fresh = element("div");
  const count = entries.length ? word("field_list_head", { n: entries.length }) : word("field_list_empty");
  fresh.append(element("p", "cw-check-hint", `${count} ${entries.length ? await stopWords() : ""}`));
  if (entries.length) fresh.append(actionButton(word("field_send_all"), kick, "btn btn-primary w-100"));
  const list = element("ol", "cw-plain");
  list.append(...entries.map((entry) => rowOf(entry, entries)));
  fresh.append(list);
  await showStrangers(fresh);
  place.replaceChildren(...fresh.childNodes);
}

let showing = Promise.resolve();

/** Begin: called once by each page, with the person who is here. */
export function watchWaiting(person) {
  me = person;
  const show = () => (showing = showing.then(() => Promise.all([showPill(), showList()])));
  onNews((news) => {
    if (news.kind === "queue" || news.kind === "sent") show();
    if (news.kind === "room" && news.full !== full) {
      full = news.full;
      showStop("");
    }
    if (news.kind === "stopped") showStop(news.reason).then(show);
  });
  return show();
}
