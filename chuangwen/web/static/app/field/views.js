// The pages of the phone without a network: what the address asks for, made from the pack and the page's own templates.

import { element, word } from "../words.js";
import { stateWords } from "./answers.js";
import { reflect, showProgress } from "./checklist.js";
import { restoreForms } from "./forms.js";
import { checkGroups } from "./items.js";
import { badge, empty, make, section } from "./making.js";
import { moment, timeLeft } from "./moments.js";
import { overlay, packOf } from "./pack.js";
import { picturesLine, readWish } from "./pictures.js";
import { asksOf, questions, questionsLink } from "./questions.js";
import { entriesOf } from "./queue.js";
import { setAsking } from "./relevance.js";
import { second } from "./second.js";
import { standards } from "./standards.js";
import { showList } from "./waiting.js";

function patrolsOf(pack) {
  const rows = Object.keys(pack).filter((name) => name.startsWith("patrol:")).map((name) => pack[name]);
  return rows.sort((one, other) => one.starts.localeCompare(other.starts) || one.id - other.id);
}

// --- home, a round ---------------------------------------------------------------------------------------------------

function patrolCard(patrol) {
  const done = patrol.stops.filter((stop) => stop.finished).length;
  const note = word("field_from_to", { from: moment(patrol.starts), to: moment(patrol.ends) });
  const card = make("patrol", { title: patrol.title, note, done: `${done} / ${patrol.stops.length}` });
  card.href = `/field/patrols/${patrol.id}/`;
  Object.assign(card.querySelector("progress"), { value: done, max: patrol.stops.length || 1 });
  return card;
}

function caseCard(one, href) {
  const card = make("case-link", { title: one.title, note: [one.number, one.place].filter(Boolean).join(" · "), due: timeLeft(one.due) });
  card.href = href;
  if (one.entry) card.append(badge(one.entry.state === "refused" ? "refused" : "waits", one.entry.state === "refused" ? "" : stateWords(one.entry)));
  return card;
}

function taskCard(task, finish) {
  const card = make("case-link", { title: task.title, note: [task.note, ...task.lines].filter(Boolean).join(" · "), due: timeLeft(task.due) });
  card.href = task.url;
  if (finish) card.append(badge(finish.state === "refused" ? "refused" : "waits", finish.state === "refused" ? "" : stateWords(finish)));
  return card;
}

function reportedCard(one) {
  const card = make("told", { title: one.title, note: [one.number, one.said_status, one.unit].filter(Boolean).join(" · ") });
  return card;
}

function some(rows) {
  return Boolean(rows && rows.length);
}

function home({ pack }) {
  const parts = [];
  const patrols = patrolsOf(pack);
  if (patrols.length || (pack.frame && pack.frame.inspector)) {
    parts.push(section(word("field_rounds"), ...(patrols.length ? patrols.map(patrolCard) : [empty(word("field_no_round"), word("field_no_round_text"))])));
  }
  if (some(pack.tasks)) parts.push(section(word("field_tasks"), ...pack.tasks.map((task) => taskCard(task, (pack[`recheck:${task.number}`] || {}).finish))));
  if (some(pack.checks)) {
    const cards = pack.checks.slice(0, 5).map((one) => caseCard(one, `/field/checks/${one.id}/`));
    parts.push(section(word("field_checks"), ...cards, make("all-checks")));
  }
  if (some(pack.mine)) parts.push(section(word("field_mine"), ...pack.mine.map((one) => caseCard(one, `/field/cases/${one.id}/`))));
  if (some(pack.reported)) parts.push(section(word("field_reported"), ...pack.reported.map(reportedCard)));
  if (!parts.length) parts.push(empty(word("field_nothing"), word("field_nothing_text")));
  parts.push(picturesLine(pack));
  return { title: word("field_home"), content: parts.filter(Boolean) };
}

function failedAt(stop) {
  return Object.values(stop.findings).filter((finding) => finding.verdict === "fail").length;
}

function stopBadge(stop) {
  if (!stop.finished) return stop.begun || Object.keys(stop.findings).length ? badge("begun") : badge("new");
  const failed = failedAt(stop);
  return badge("done", failed ? word("field_done_failed", { n: failed }) : word("field_done"));
}

function stopRow(patrol, stop) {
  const when = stop.planned ? word("field_planned", { n: stop.position, time: stop.planned.slice(11, 16) }) : "";
  const row = make("stop", { title: stop.name, note: [when, stop.address].filter(Boolean).join(" · ") });
  const card = row.querySelector("a");
  card.href = `/field/patrols/${patrol.id}/sites/${stop.site}/`;
  card.append(stopBadge(stop));
  return row;
}

function patrol({ pack, numbers }) {
  const found = pack[`patrol:${numbers[0]}`];
  if (!found) return null;
  const done = found.stops.filter((stop) => stop.finished).length;
  const head = make("progress", { done: `${done} / ${found.stops.length}` });
  Object.assign(head.querySelector("progress"), { value: done, max: found.stops.length || 1 });
  const list = element("ol", "cw-stops");
  const order = [...found.stops].sort((one, other) => Boolean(one.finished) - Boolean(other.finished));
  list.append(...order.map((stop) => stopRow(found, stop)));
  return { title: found.title, back: "/field/", content: [head, list] };
}

// --- the checklist ---------------------------------------------------------------------------------------------------

function failedRows(list, stop) {
  const rows = element("ul", "cw-plain");
  for (const criterion of list) {
    const finding = stop.findings[criterion.code];
    if (!finding || finding.verdict !== "fail") continue;
    const item = element("li");
    item.append(make("told", { title: criterion.text, note: [finding.note, finding.case].filter(Boolean).join(" · ") }));
    rows.append(item);
  }
  return rows;
}

/** The place was finished on the phone, but the server did not take something: it can still be corrected. */
function isRefused({ finish, findings }) {
  if (!finish) return false;
  return finish.state === "refused" || Object.values(findings).some((one) => one.entry && one.entry.state === "refused");
}

function checklist({ pack, numbers, path }) {
  const round = pack[`patrol:${numbers[0]}`];
  const stop = round && round.stops.find((one) => one.site === numbers[1]);
  const list = round && stop && pack[`list:${round.edition}/${stop.type}`];
  if (!list) return null;
  const head = make("check-head");
  const hint = make("site", { address: stop.address, contact: stop.contact && word("field_contact", { name: stop.contact }), phone: stop.phone });
  if (stop.phone) hint.querySelector("a").href = `tel:${stop.phone}`;
  const closed = stop.finished && !isRefused(stop);
  const content = closed ? [hint] : [head, hint];
  const asks = asksOf(pack, numbers);
  const link = closed ? null : questionsLink(asks, path);
  if (link) content.push(link);
  if (!closed) setAsking(asks);
  if (closed) content.push(make(stop.finish ? "finished-waits" : "finished"), failedRows(list, stop));
  else if (!list.length) content.push(empty(word("field_no_list"), word("field_no_list_text")));
  else content.push(...checkGroups(list, `${path}findings/`, stop.findings), finishForm(path, round, stop));
  return { title: stop.name, back: `/field/patrols/${round.id}/`, content, after: showProgress };
}

function finishForm(path, round, stop) {
  const form = make("finish");
  form.action = `${path}finish/`;
  Object.assign(form.dataset, { next: `/field/patrols/${round.id}/`, label: stop.name, place: round.title });
  return form;
}

// --- cases -----------------------------------------------------------------------------------------------------------

function pictures(urls, alt, none) {
  if (!urls.length) return [element("p", "", none)];
  return urls.map((url) => {
    const link = element("a");
    link.href = url;
    const image = Object.assign(element("img"), { src: `${url}?small=1`, alt });
    image.addEventListener("error", () => link.replaceChildren(element("span", "cw-card-note", word("field_picture_later"))));
    link.append(image);
    return link;
  });
}

function caseHead(one) {
  const head = make("case-head", { title: one.title, place: one.place, text: one.text });
  const [before, after] = head.querySelectorAll("figure");
  before.append(...pictures(one.before, word("field_before"), word("field_no_before")));
  if (one.status === "rectified") after.append(...pictures(one.after, word("field_after"), word("field_no_photo")));
  else after.remove();
  return head;
}

function fillCaseForm(form, one, action, next) {
  form.action = action;
  form.elements.version.value = one.version;
  Object.assign(form.dataset, { label: one.title, place: one.place, next });
  return form;
}

function check({ pack, numbers }) {
  const one = (pack.checks || []).find((row) => row.id === numbers[0]);
  if (!one) return null;
  const said = one.said ? [make("said", { unit: one.unit, text: `：${one.said}` })] : [];
  const closes = one.closes_when ? [element("p", "cw-check-hint", word("field_closes_when", { text: one.closes_when }))] : [];
  const form = fillCaseForm(make("check-form"), one, `/field/checks/${one.id}/`, "/field/checks/");
  return { title: word("field_check", { number: one.number }), back: "/field/checks/", content: [caseHead(one), ...said, ...closes, form] };
}

function checks({ pack }) {
  const rows = pack.checks || [];
  const cards = rows.map((one) => caseCard(one, `/field/checks/${one.id}/`));
  const head = rows.length ? [element("p", "cw-check-hint", word("field_checks_hint", { n: rows.length }))] : [];
  const none = empty(word("field_no_checks"), word("field_no_checks_text"));
  return { title: word("field_checks_title"), content: rows.length ? [...head, ...cards] : [none] };
}

function oneCase({ pack, numbers }) {
  const one = (pack.mine || []).find((row) => row.id === numbers[0]);
  if (!one) return null;
  const said = one.said ? [element("p", "cw-said", word("field_sent_back", { text: one.said }))] : [];
  const form = fillCaseForm(make("case-form"), one, `/field/cases/${one.id}/`, "/field/");
  if (one.before.length) form.dataset.photoRequired = "";
  const due = element("p", "cw-check-hint", timeLeft(one.due));
  return { title: word("field_case_title", { number: one.number }), back: "/field/", content: [caseHead(one), ...said, due, form] };
}

function report({ pack }) {
  const form = make("report-form");
  form.elements.client_key.value = crypto.randomUUID(); // this page exists on https only
  for (const [list, names] of [["sites", pack.sites], ["standards", (pack.standards || []).map((row) => row[0])]]) {
    const options = (names || []).map((name) => Object.assign(element("option"), { value: name }));
    form.querySelector(`datalist#${list}`).append(...options);
  }
  return { title: word("field_report"), content: [form] };
}

function waiting() {
  const place = element("div");
  place.dataset.waitingList = "";
  return { title: word("field_waiting_title"), back: "/field/", content: [place] };
}

// --- which page --------------------------------------------------------------------------------------------------------

const LISTS = new Set([home, patrol, checks]); // drawn anew when something changes; on the others somebody is writing
const ROUTES = [
  [/^\/field\/$/, home, "/field/"],
  [/^\/field\/patrols\/(\d+)\/$/, patrol, "/field/"],
  [/^\/field\/patrols\/(\d+)\/sites\/(\d+)\/$/, checklist, "/field/"],
  [/^\/field\/patrols\/(\d+)\/sites\/(\d+)\/questions\/$/, questions, "/field/"],
  [/^\/field\/rechecks\/(\d+)\/$/, second, "/field/"],
  [/^\/field\/checks\/$/, checks, "/field/checks/"],
  [/^\/field\/checks\/(\d+)\/$/, check, "/field/checks/"],
  [/^\/field\/cases\/(\d+)\/$/, oneCase, "/field/"],
  [/^\/field\/report\/$/, report, "/field/report/"],
  [/^\/field\/standards\/$/, standards, "/field/report/"],
  [/^\/field\/waiting\/$/, waiting, "/field/"],
];

function routeOf(path) {
  for (const [pattern, view, tab] of ROUTES) {
    const found = path.match(pattern);
    if (found) return { view, tab, numbers: found.slice(1).map(Number) };
  }
  return null;
}

function put({ title, back, content, after }, tab) {
  document.title = `${title} · ${word("field_app")}`;
  document.querySelector("h1").textContent = title;
  const arrow = document.querySelector("[data-back]");
  arrow.hidden = !back;
  if (back) arrow.href = back;
  document.querySelectorAll(".cw-tabbar a").forEach((link) => {
    if (link.getAttribute("href") === tab) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  });
  document.querySelector("[data-view]").replaceChildren(...content);
  if (after) after();
}

/** The page was made for everybody; the tabs of other people's work are not shown. */
function showTabs(frame) {
  if (!frame) return;
  document.querySelectorAll(".cw-tabbar a").forEach((link) => {
    link.parentElement.hidden = !frame.nav.includes(link.getAttribute("href"));
  });
}

/** Whether this page is a list that may be drawn anew while somebody looks at it. */
export function isList() {
  const route = routeOf(location.pathname);
  return Boolean(route) && LISTS.has(route.view);
}

/**
 * Draw what the address asks for. false: the phone does not have it, and only the server may.
 */
export async function draw(me) {
  const route = routeOf(location.pathname);
  if (!route) return false;
  const pack = me ? overlay(await packOf(me.id), await entriesOf(me.id)) : {};
  await readWish();
  setAsking(null);
  const made = route.view({ pack, numbers: route.numbers, path: location.pathname });
  if (!made) return false;
  put(made, route.tab);
  showTabs(pack.frame);
  await Promise.all([reflect(), restoreForms(), showList()]);
  return true;
}

/** The page is not on this phone. */
export function drawMissing(reason) {
  const text = reason === "login" || reason === "nobody" ? "field_missing_login" : "field_missing_text";
  put({ title: word("field_missing"), back: "/field/", content: [empty(word("field_missing"), word(text))] }, "");
}
