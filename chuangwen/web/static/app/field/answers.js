// Keeping an entry, and what to tell the person about it: kept, on its way, taken, refused, no room.

import { element, newKey, word } from "../words.js";
import { added } from "./background.js";
import { actionButton } from "./making.js";
import { enqueue, Full, photoRecord } from "./queue.js";
import { sendUnkept } from "./sender.js";
import { onNews } from "./store.js";

const SOON = 6000;

/** The sentences of `why`: those of the server as they are, our own in the language of the page. */
export function whyWords(why) {
  return why.map((one) => (typeof one === "string" ? one : word(one.word, one.values))).join(" ");
}

/** What stands beside an entry that waits. */
export function stateWords(entry) {
  if (entry.state === "refused") return `${word("field_refused")}${whyWords(entry.why)}`;
  if (entry.state === "sending") return word("field_sending");
  return word("field_kept") + (entry.why.length ? whyWords(entry.why) : "");
}

/** Pictures that can be fetched again make room. */
async function makeRoom() {
  if (!("caches" in globalThis)) return;
  await Promise.all(["chuangwen-pictures", "chuangwen-form-pictures"].map((name) => caches.delete(name)));
}

async function sendFromScreen(entry, photos) {
  const records = await Promise.all(photos.map((photo) => photoRecord(photo, entry.owner)));
  const now = { key: newKey(), found_at: new Date().toISOString(), photos: [] };
  return sendUnkept({ ...entry, ...now }, records);
}

function sayFull(place, entry, photos, settle) {
  place.dataset.state = "unsaved";
  place.textContent = "";
  place.append(element("span", "", word("field_full")));
  const send = async () => {
    place.textContent = word("field_sending");
    const answer = await sendFromScreen(entry, photos);
    if (answer.ok) settle({ state: "sent", message: answer.message });
    else sayFull(place, entry, photos, settle);
    if (!answer.ok) place.append(element("p", "", answer.why ? whyWords(answer.why) : word(`field_stop_${answer.reason}`)));
  };
  place.append(actionButton(word("field_send_now"), send), actionButton(word("field_keep_again"), () => keep(entry, photos, place, settle)));
}

/**
 * Keep it and begin to send. When the phone has no room, `place` says so and offers what can be done; nothing that was
 * typed leaves the screen. `settle` hears {state: "kept", entry} or {state: "sent", message}.
 */
export async function keep(entry, photos, place, settle) {
  try {
    let kept;
    try {
      kept = await enqueue(entry, photos);
    } catch (error) {
      if (!(error instanceof Full)) throw error;
      await makeRoom();
      kept = await enqueue(entry, photos);
    }
    added();
    settle({ state: "kept", entry: kept });
  } catch (error) {
    if (!(error instanceof Full)) throw error;
    sayFull(place, entry, photos, settle);
  }
}

/** What becomes of an entry in the next seconds: {state: "sent", message}, {state: "refused", entry} or {state: "waiting"}. */
export function outcome(kept, look) {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve({ state: "waiting" }), navigator.onLine ? SOON : 300);
    const done = (answer) => {
      clearTimeout(timer);
      resolve(answer);
    };
    onNews(async (news) => {
      if (news.kind === "sent" && news.no === kept.no) done({ state: "sent", message: news.message });
      if (news.kind === "stopped" && news.reason && news.reason !== "busy") done({ state: "waiting" });
      if (news.kind !== "queue") return;
      const now = await look(kept.no);
      if (now && now.state === "refused") done({ state: "refused", entry: now });
    });
  });
}
