// What waits to be sent. An entry belongs to a person and goes out under one key, however often it has to be tried.

import { newKey } from "../words.js";
import { announce, database, STRICT } from "./store.js";

/** The phone has no room left; nothing was kept. */
export class Full extends Error {}

export function isFull(error) {
  return Boolean(error) && (error.name === "QuotaExceededError" || /quota/i.test(String(error.message)));
}

/** A photo as the queue keeps it. */
export async function photoRecord(photo, owner) {
  if (photo.key) return photo; // it came from the queue
  const bytes = await photo.blob.arrayBuffer();
  return { key: newKey(), owner, name: photo.name, type: photo.blob.type, bytes, small: photo.small || "", id: null };
}

/** Take out entries and the photos that no other entry needs, inside one transaction over both. */
async function discard(transaction, old, keep = new Set()) {
  await transaction.objectStore("entries").delete(old.no);
  for (const key of old.photos) if (!keep.has(key)) await transaction.objectStore("photos").delete(key);
}

/** All of it is kept or nothing: what was there before stays. */
function takeBack(transaction) {
  try {
    transaction.abort();
  } catch (_) {
    // the browser has done so already
  }
}

/**
 * Keep an entry with its photos: {owner, ownerName, kind, subject, group, url, fields, label, place, back}. An older
 * entry about the same subject that is not sent yet is replaced. Returns it with its number. Throws Full.
 */
export async function enqueue(entry, photos = []) {
  const records = await Promise.all(photos.map((photo) => photoRecord(photo, entry.owner)));
  const keys = records.map((record) => record.key);
  const fresh = {
    ...entry, photos: keys, key: newKey(), found_at: new Date().toISOString(), state: "waiting", why: [], tries: 0,
  };
  const transaction = (await database()).transaction(["entries", "photos"], "readwrite", STRICT);
  transaction.done.catch(() => {}); // it is awaited below, but a request may fail before that
  try {
    const entries = transaction.objectStore("entries");
    for (const old of await entries.index("owner").getAll(entry.owner)) {
      if (entry.subject && old.subject === entry.subject) await discard(transaction, old, new Set(keys));
    }
    for (const record of records) await transaction.objectStore("photos").put(record);
    fresh.no = await entries.add(fresh);
    await transaction.done;
  } catch (error) {
    takeBack(transaction);
    if (isFull(error)) throw new Full();
    throw error;
  }
  announce({ kind: "queue" });
  return fresh;
}

/** Everything that waits for this person, oldest first. */
export async function entriesOf(owner) {
  return (await database()).getAllFromIndex("entries", "owner", owner);
}

/** How many entries of other people lie on this phone, by name; never what they say. */
export async function strangers(owner) {
  const counts = new Map();
  for (const entry of await (await database()).getAll("entries")) {
    if (entry.owner !== owner) counts.set(entry.ownerName, (counts.get(entry.ownerName) || 0) + 1);
  }
  return counts;
}

export async function photoOf(key) {
  return (await database()).get("photos", key);
}

export async function photosOf(entry) {
  const found = await Promise.all(entry.photos.map(photoOf));
  return found.filter(Boolean);
}

/** Change an entry where it stands; one that was replaced meanwhile stays gone. */
export async function update(no, changes) {
  const transaction = (await database()).transaction("entries", "readwrite", STRICT);
  const entry = await transaction.store.get(no);
  if (entry) await transaction.store.put({ ...entry, ...changes });
  await transaction.done;
  announce({ kind: "queue" });
  return Boolean(entry);
}

export async function photoSent(key, id) {
  const transaction = (await database()).transaction("photos", "readwrite", STRICT);
  const record = await transaction.store.get(key);
  if (record) await transaction.store.put({ ...record, id });
  await transaction.done;
}

/** The server has it, or the person gave it up. */
export async function remove(entry) {
  const transaction = (await database()).transaction(["entries", "photos"], "readwrite", STRICT);
  const still = await transaction.objectStore("entries").get(entry.no);
  if (still) await discard(transaction, still);
  await transaction.done;
  announce({ kind: "queue" });
}
