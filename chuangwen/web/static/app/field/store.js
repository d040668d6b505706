// What the phone keeps: who is here, what they took along, what waits to be sent. One database for all pages.

import { openDB } from "../../vendor/idb/index.js";

const NAME = "chuangwen-field";
export const STRICT = { durability: "strict" }; // on the disk before anybody is told that it is kept
let opened = null;

/** The database; opened once. */
export function database() {
  if (opened === null) {
    opened = openDB(NAME, 1, {
      upgrade(db) {
        db.createObjectStore("meta");
        db.createObjectStore("parts", { keyPath: ["owner", "name"] });
        db.createObjectStore("photos", { keyPath: "key" });
        db.createObjectStore("entries", { keyPath: "no", autoIncrement: true }).createIndex("owner", "owner");
      },
      terminated() {
        opened = null;
      },
    });
    opened.catch(() => (opened = null));
  }
  return opened;
}

/** Whether this browser keeps anything at all; in some private windows it does not. */
export async function keeps() {
  try {
    return Boolean(await database());
  } catch (_) {
    return false;
  }
}

export async function getMeta(key) {
  return (await database()).get("meta", key);
}

export async function setMeta(key, value) {
  return (await database()).put("meta", value, key);
}

const channel = "BroadcastChannel" in globalThis ? new BroadcastChannel("chuangwen-field") : null;
const listeners = new Set();
if (channel) channel.onmessage = (message) => listeners.forEach((listener) => listener(message.data));

/** Tell every open page, and the worker, what changed: {kind: "queue" | "pack" | "person", …}. */
export function announce(news) {
  listeners.forEach((listener) => listener(news));
  if (channel) channel.postMessage(news);
}

export function onNews(listener) {
  listeners.add(listener);
}

const LEASE = 60000;

/** One at a time on this phone: a lock of the browser, else (plain http) a lease in the database. null: it is taken. */
export async function exclusively(name, action) {
  if (globalThis.navigator && navigator.locks) {
    return navigator.locks.request(name, { ifAvailable: true }, (lock) => (lock ? action(() => {}) : null));
  }
  const db = await database();
  const mine = Math.random().toString(36);
  const take = db.transaction("meta", "readwrite");
  const held = await take.store.get(name);
  const free = !held || held.until < Date.now() || held.until > Date.now() + 2 * LEASE; // the clock may have been set back
  if (free) await take.store.put({ mine, until: Date.now() + LEASE }, name);
  await take.done;
  if (!free) return null;
  const renew = () => db.put("meta", { mine, until: Date.now() + LEASE }, name);
  try {
    return await action(renew);
  } finally {
    const held = await db.get("meta", name);
    if (held && held.mine === mine) await db.delete("meta", name);
  }
}
