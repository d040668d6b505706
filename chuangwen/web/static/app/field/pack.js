// What this person took along: parts by name, each with a version. Only what changed is fetched again.

import { dayAt } from "./asking.js";
import { announce, database, getMeta, setMeta } from "./store.js";

const PATIENCE = 30000;
const PICTURES = "chuangwen-pictures";
const MOST_PICTURES = 120;
const LARGEST_PICTURE = 40 * 1024; // thumbnails; a large original stays on the server

/** Every part of this person: {name: data}. */
export async function packOf(owner) {
  const range = IDBKeyRange.bound([owner, ""], [owner, "\uffff"]);
  const rows = await (await database()).getAll("parts", range);
  return Object.fromEntries(rows.map((row) => [row.name, row.data]));
}

async function versionsOf(owner) {
  const range = IDBKeyRange.bound([owner, ""], [owner, "\uffff"]);
  return (await (await database()).getAll("parts", range)).map((row) => `${row.name}@${row.version}`);
}

/** Take over an answer of the server; parts that are no longer named are forgotten. */
async function keep(owner, answer) {
  const transaction = (await database()).transaction("parts", "readwrite");
  for (const [owner_, name] of await transaction.store.getAllKeys(IDBKeyRange.bound([owner, ""], [owner, "\uffff"]))) {
    if (!(name in answer.versions)) await transaction.store.delete([owner_, name]);
  }
  for (const [name, data] of Object.entries(answer.parts)) {
    await transaction.store.put({ owner, name, version: answer.versions[name], data });
  }
  await transaction.done;
}

/** Somebody else is logged in: what the last person took along goes; what they have not sent stays, for them alone. */
export async function arrive(person) {
  const before = await getMeta("me");
  if (before && before.id === person.id) return;
  await setMeta("me", { id: person.id, name: person.name });
  await forgetOthers(person.id);
  announce({ kind: "person", id: person.id });
}

async function forgetOthers(owner) {
  const transaction = (await database()).transaction("parts", "readwrite");
  for (const key of await transaction.store.getAllKeys()) if (key[0] !== owner) await transaction.store.delete(key);
  await transaction.done;
  await setMeta("packed", null); // that was about the other person's pack
  if ("caches" in globalThis) await caches.delete(PICTURES);
}

/** Nobody is logged in on this phone any more. */
export async function leave() {
  await setMeta("me", null);
  await forgetOthers(null);
}

async function fetchPack(have) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), PATIENCE);
  const url = `/field/pack/?have=${encodeURIComponent(have.join(","))}`;
  try {
    const answer = await fetch(url, { redirect: "manual", cache: "no-store", signal: stop.signal });
    if (answer.type === "opaqueredirect" || answer.status === 401) return "login";
    return answer.ok ? await answer.json() : "server";
  } catch (_) {
    return "network";
  } finally {
    clearTimeout(timer);
  }
}

/** Ask what is new. "" when the phone now holds everything; else "login", "network", "server", "full". */
export async function refresh() {
  const me = await getMeta("me");
  const answer = await fetchPack(me ? await versionsOf(me.id) : []);
  if (typeof answer === "string") return answer;
  if (!me || me.id !== answer.person.id) {
    await arrive(answer.person);
    if (me) return refresh(); // `have` spoke of the other person's parts
  }
  try {
    await keep(answer.person.id, answer);
  } catch (error) {
    return /quota/i.test(`${error && error.name}${error && error.message}`) ? "full" : "server";
  }
  await setMeta("packed", { at: answer.at, seen: Date.now() });
  if (Object.keys(answer.parts).length) announce({ kind: "pack" });
  return "";
}

function pictureUrls(pack) {
  const cases = [...(pack.checks || []), ...(pack.mine || [])];
  return cases.flatMap((one) => [...one.before, ...one.after]).slice(0, MOST_PICTURES).map((url) => `${url}?small=1`);
}

/** Keep the small pictures of the tasks where the worker finds them. What cannot be kept is no harm. */
export async function takePictures(owner) {
  if (!("caches" in globalThis)) return;
  const cache = await caches.open(PICTURES);
  const wanted = pictureUrls(await packOf(owner));
  const kept = (await cache.keys()).map((request) => request.url.slice(location.origin.length));
  for (const url of kept) if (!wanted.includes(url)) await cache.delete(url);
  for (const url of wanted.filter((one) => !kept.includes(one))) {
    try {
      const answer = await fetch(url, { redirect: "manual" });
      const size = Number(answer.headers.get("content-length") || 0);
      if (answer.ok && size <= LARGEST_PICTURE) await cache.put(url, answer);
    } catch (_) {
      return;
    }
  }
}

async function changePart(owner, name, change) {
  const transaction = (await database()).transaction("parts", "readwrite");
  const row = await transaction.store.get([owner, name]);
  // no version: the server's own words replace ours at the next look
  if (row) await transaction.store.put({ ...row, data: change(row.data), version: "" });
  await transaction.done;
  if (row) announce({ kind: "pack" });
}

function atStop(site, change) {
  return (patrol) => ({
    ...patrol, stops: patrol.stops.map((stop) => (stop.site === site ? { ...stop, begun: true, ...change(stop) } : stop)),
  });
}

/** What the server answered becomes part of what the phone shows, so that nothing jumps back. */
export async function applySent(entry, body) {
  const { owner, about } = entry;
  if (entry.kind === "finding") {
    const judged = (stop) => ({ findings: { ...stop.findings, [about.code]: body.finding } });
    await changePart(owner, `patrol:${about.patrol}`, atStop(about.site, judged));
  }
  if (entry.kind === "finish") {
    await changePart(owner, `patrol:${about.patrol}`, atStop(about.site, () => ({ finished: body.finished })));
  }
  if (entry.kind === "answers") {
    await changePart(owner, `patrol:${about.patrol}`, atStop(about.site, () => ({ answers: body.answers })));
  }
  if (entry.kind === "second") {
    const judged = (task) => ({ ...task, findings: { ...task.findings, [about.code]: body.finding } });
    await changePart(owner, `recheck:${about.recheck}`, judged);
  }
  if (entry.kind === "second-finish") {
    await changePart(owner, `recheck:${about.recheck}`, (task) => ({ ...task, finished: body.finished }));
    await changePart(owner, "tasks", (tasks) => tasks.filter((one) => one.kind !== "recheck" || one.number !== String(about.recheck)));
  }
  const without = (cases) => cases.filter((one) => one.id !== about.case);
  if (entry.kind === "check") await changePart(owner, "checks", without);
  if (entry.kind === "rectify") await changePart(owner, "mine", without);
}

// --- what is known and what waits, seen together -------------------------------------------------------------------

function dayBy(stop, entry) {
  return stop.day || String(dayAt(new Date(entry.found_at))); // conditions count with the day on which the visit began
}

function withFinding(pack, entry) {
  const { patrol, site, code } = entry.about;
  const { verdict, note } = entry.fields;
  const waits = { verdict, note, case: "", entry };
  const part = pack[`patrol:${patrol}`];
  return part ? { [`patrol:${patrol}`]: atStop(site, (stop) => ({ day: dayBy(stop, entry), findings: { ...stop.findings, [code]: waits } }))(part) } : {};
}

function withFinish(pack, entry) {
  const part = pack[`patrol:${entry.about.patrol}`];
  const change = () => ({ finished: entry.found_at, finish: entry });
  return part ? { [`patrol:${entry.about.patrol}`]: atStop(entry.about.site, change)(part) } : {};
}

/** The answers as they will be: an empty one is taken back, a photo that waits counts as one. */
function answersWith(before, fields) {
  const told = Object.entries(fields).filter(([name]) => name.startsWith("a_")).map(([name, text]) => [name.slice(2), text]);
  const photos = fields.photo_for.split(" ").filter(Boolean).map((name) => [name, "1"]);
  const all = { ...before, ...Object.fromEntries([...told, ...photos]) };
  return Object.fromEntries(Object.entries(all).filter(([, text]) => text));
}

function withAnswers(pack, entry) {
  const part = pack[`patrol:${entry.about.patrol}`];
  const change = (stop) => ({ day: dayBy(stop, entry), answers: answersWith(stop.answers, entry.fields) });
  return part ? { [`patrol:${entry.about.patrol}`]: atStop(entry.about.site, change)(part) } : {};
}

function withSecond(pack, entry, change) {
  const name = `recheck:${entry.about.recheck}`;
  return pack[name] ? { [name]: { ...pack[name], ...change(pack[name]) } } : {};
}

function secondFinding(task, entry) {
  const { verdict, note } = entry.fields;
  return { findings: { ...task.findings, [entry.about.code]: { verdict, note, case: "", entry } } };
}

function withCase(pack, entry, name) {
  return { [name]: (pack[name] || []).map((one) => (one.id === entry.about.case ? { ...one, entry } : one)) };
}

const OVERLAYS = {
  finding: withFinding,
  finish: withFinish,
  answers: withAnswers,
  second: (pack, entry) => withSecond(pack, entry, (task) => secondFinding(task, entry)),
  "second-finish": (pack, entry) => withSecond(pack, entry, () => ({ finish: entry })),
  check: (pack, entry) => withCase(pack, entry, "checks"),
  rectify: (pack, entry) => withCase(pack, entry, "mine"),
  report: () => ({}),
  note: () => ({}),
};

/** The pack as it will be once everything that waits has arrived. */
export function overlay(pack, entries) {
  return entries.reduce((seen, entry) => ({ ...seen, ...OVERLAYS[entry.kind](seen, entry) }), pack);
}
