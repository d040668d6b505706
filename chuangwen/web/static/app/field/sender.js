// Sends what waits, oldest first, one at a time, from one page or from the worker, never from two at once.
// No network: stop and try later. Refused: keep it with the reasons and go on. Log-in ran out: keep everything.

import { applySent } from "./pack.js";
import { entriesOf, photoOf, photoSent, remove, update } from "./queue.js";
import { announce, exclusively, getMeta, setMeta } from "./store.js";

const PATIENCE = 30000;
const UPLOAD_PATIENCE = 120000; // 400 kB at 30 kbit/s
const MOST_FAILURES = 4; // of the server, on one entry; then the others go first
const ENDS = new Set(["finish", "second-finish"]);
const REFUSALS = new Set([400, 403, 404, 409, 413, 415, 422]);

class Stop extends Error {
  constructor(reason) {
    super(reason);
    this.reason = reason;
  }
}

class Refusal extends Error {
  constructor(why, status, theirs = "") {
    super(why.join(" "));
    Object.assign(this, { why, status, theirs });
  }
}

/** One request: its answer and, when that is JSON, its body. Whatever breaks off on the way is "network". */
async function ask(url, options, patience) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), patience);
  try {
    const answer = await fetch(url, { redirect: "manual", cache: "no-store", signal: stop.signal, ...options });
    const isJson = (answer.headers.get("content-type") || "").includes("json");
    return { answer, body: isJson ? await answer.json() : null };
  } catch (_) {
    throw new Stop("network");
  } finally {
    clearTimeout(timer);
  }
}

/** What stands in the way whatever was asked: a log-in that ran out, a server that cannot. */
function stopFor(answer) {
  if (answer.type === "opaqueredirect" || answer.status === 401) throw new Stop("login");
  if (answer.status >= 500 || answer.status === 429) throw new Stop("server");
}

/** Who is logged in: {id, name, token}. */
export async function askWho() {
  const { answer, body } = await ask("/field/who/", { headers: { Accept: "application/json" } }, PATIENCE);
  stopFor(answer);
  if (!answer.ok || !body) throw new Stop("login");
  return body;
}

async function post(url, data, session, patience) {
  const headers = { Accept: "application/json", "X-CSRFToken": session.token, "X-Field-Person": String(session.id) };
  const { answer, body } = await ask(url, { method: "POST", body: data, headers }, patience);
  stopFor(answer);
  if (answer.status === 403 && !body) throw new Stop("token");
  if (answer.ok && body && body.ok) return body;
  const said = body || {};
  if (said.code === "other_person") throw new Stop("other_person");
  const why = said.objections || [{ word: "server_failed", values: { code: answer.status } }];
  if (REFUSALS.has(answer.status)) throw new Refusal(why, answer.status, said.theirs || "");
  throw new Stop("server");
}

async function upload(photo, session) {
  if (photo.id !== null) return photo.id;
  const data = new FormData();
  data.append("photo", new Blob([photo.bytes], { type: photo.type }), photo.name);
  return (await post("/field/photos/", data, session, UPLOAD_PATIENCE)).id;
}

async function sendPhoto(key, session) {
  const photo = await photoOf(key);
  if (!photo) throw new Refusal([{ word: "photo_gone" }], 0);
  const id = await upload(photo, session);
  if (photo.id === null) await ifRoom(photoSent(key, id));
  return id;
}

function postEntry(entry, ids, session) {
  const data = new FormData();
  Object.entries(entry.fields).forEach(([name, value]) => data.append(name, value));
  ids.forEach((id) => data.append("photo_id", id));
  data.set("client_key", entry.key);
  data.set("found_at", entry.found_at);
  data.set("sent_at", new Date().toISOString());
  return post(entry.url, data, session, PATIENCE);
}

async function sendEntry(entry, session) {
  const ids = [];
  for (const key of entry.photos) ids.push(await sendPhoto(key, session));
  return postEntry(entry, ids, session);
}

/** Straight from the screen, for a phone without room: {ok, message} or {ok: false, why | reason}. */
export async function sendUnkept(entry, records) {
  try {
    const session = await askWho();
    if (session.id !== entry.owner) throw new Stop("other_person");
    const ids = [];
    for (const record of records) ids.push(await upload(record, session));
    const body = await postEntry(entry, ids, session);
    await ifRoom(applySent(entry, body));
    return { ok: true, message: body.message || "", body };
  } catch (problem) {
    if (problem instanceof Refusal) return { ok: false, why: problem.why };
    if (problem instanceof Stop) return { ok: false, reason: problem.reason };
    throw problem;
  }
}

/** A place is finished only after everything that was judged there has arrived, also what has to be corrected first. */
export function isHeldBack(entry, all) {
  return ENDS.has(entry.kind) && all.some((other) => other.group === entry.group && other.kind !== entry.kind);
}

function nextOf(all, done) {
  const open = (entry) => entry.state !== "refused" && !done.has(entry.no) && !isHeldBack(entry, all);
  return all.find(open);
}

export const tally = { delivered: 0 }; // since this page was opened

/** A full disk must not stop what would make room: these notes on the way may fail. */
async function ifRoom(writing) {
  try {
    await writing;
  } catch (_) {
    // the entry itself is on the disk, and sending it twice does no harm
  }
}

async function deliver(entry, session) {
  await ifRoom(update(entry.no, { state: "sending" }));
  const body = await sendEntry(entry, session);
  await ifRoom(applySent(entry, body));
  await remove(entry);
  tally.delivered += 1;
  announce({ kind: "sent", no: entry.no, subject: entry.subject, message: body.message || "" });
}

async function keepRefused(entry, refusal) {
  const { why, status, theirs } = refusal;
  await update(entry.no, { state: "refused", why, status, theirs, tries: entry.tries + 1 });
}

/** One entry: sent, kept with what is wrong with it, or, when the server cannot take it, put behind the others. */
async function attempt(entry, session, done) {
  try {
    await deliver(entry, session);
    return;
  } catch (problem) {
    if (problem instanceof Refusal) return keepRefused(entry, problem);
    if (!(problem instanceof Stop)) throw problem;
    const tries = entry.tries + (problem.reason === "server" ? 1 : 0);
    await update(entry.no, { state: "waiting", tries, why: tries ? [{ word: "server_busy" }] : [] });
    if (problem.reason === "server" && tries >= MOST_FAILURES) return void done.add(entry.no);
    throw problem;
  }
}

const SESSION = 300000; // milliseconds that an answer to "who" is good for
let known = null;

/** Who is logged in, asked again only after a while: a bad connection should carry findings. */
async function sessionOf(owner) {
  const fresh = !known || known.id !== owner || Date.now() - known.asked > SESSION || known.asked > Date.now();
  if (fresh) known = { ...(await askWho()), asked: Date.now() };
  return { session: known, fresh };
}

async function sendAll(owner, renew) {
  let { session, fresh } = await sessionOf(owner);
  const done = new Set();
  for (;;) {
    if (session.id !== owner) throw new Stop("other_person");
    const entry = nextOf(await entriesOf(owner), done);
    if (!entry) return done.size ? "server" : "";
    try {
      renew();
      await attempt(entry, session, done);
      fresh = false;
    } catch (problem) {
      if (!(problem instanceof Stop) || problem.reason !== "token" || fresh) throw problem;
      known = null; // the token is from before a log-in: once more with a new one
      ({ session, fresh } = await sessionOf(owner));
    }
  }
}

/**
 * Send everything of the person who is here. What stopped it: "" (nothing left to try), "network", "server", "login",
 * "other_person", "busy" (another page is at it), "nobody".
 */
export async function flush() {
  const me = await getMeta("me");
  if (!me) return "nobody";
  if (!(await entriesOf(me.id)).some((entry) => entry.state !== "refused")) return "";
  const reason = await exclusively("chuangwen-field-send", async (renew) => {
    try {
      return { said: await sendAll(me.id, renew) };
    } catch (problem) {
      if (problem.reason !== "network") known = null;
      if (problem instanceof Stop) return { said: problem.reason === "token" ? "login" : problem.reason };
      throw problem;
    }
  });
  const said = reason === null ? "busy" : reason.said;
  if (said !== "busy") await ifRoom(setMeta("stopped", { reason: said, at: Date.now() }));
  announce({ kind: "stopped", reason: said });
  return said;
}
