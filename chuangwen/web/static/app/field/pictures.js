// The pictures of checklists: each fetched once, by what it holds, and kept apart from all else. Whoever saves data goes
// without; then each is fetched when it is looked at.

import { element, word } from "../words.js";
import { actionButton } from "./making.js";
import { sizeWords } from "./photos.js";
import { getMeta, setMeta } from "./store.js";

const FORM_PICTURES = "chuangwen-form-pictures"; // worker.js looks here
let off = false;

/** Whether this person wants them along; asked before pages are drawn. */
export async function readWish() {
  const wish = await getMeta("pictures");
  off = wish ? wish === "off" : Boolean(navigator.connection && navigator.connection.saveData);
}

function addressOf([key]) {
  return `/field/pictures/${key}/`;
}

function shown(picture, alt) {
  const image = Object.assign(element("img", "cw-picture"), { loading: "lazy", alt, src: addressOf(picture) });
  image.addEventListener("error", () => image.replaceWith(element("p", "cw-card-note", word("field_picture_later"))));
  return image;
}

/** A picture [key, bytes] in its place; a button with its size where pictures were left at home. */
export function pictureOf(picture, alt = word("field_picture_of")) {
  if (!off) return shown(picture, alt);
  const button = actionButton(word("field_picture_show", { size: sizeWords(picture[1]) }), () => button.replaceWith(shown(picture, alt)));
  return button;
}

/** Every picture of the checklists in the pack: bytes by address. */
function picturesIn(pack) {
  const rows = Object.entries(pack).flatMap(([name, part]) => {
    if (name.startsWith("list:")) return part;
    if (name.startsWith("recheck:")) return part.rows;
    if (!name.startsWith("ask:")) return [];
    return [...part.questions, ...Object.values(part.choices).flat().map((choice) => ({ picture: choice[2] }))];
  });
  return new Map(rows.filter((row) => row.picture).map((row) => [addressOf(row.picture), row.picture[1]]));
}

/** Fetch what is missing, forget what no checklist shows any more. What cannot be kept is no harm. */
export async function takeFormPictures(pack) {
  if (!("caches" in globalThis)) return;
  await readWish();
  if (off) return void (await caches.delete(FORM_PICTURES));
  const cache = await caches.open(FORM_PICTURES);
  const wanted = picturesIn(pack);
  const kept = (await cache.keys()).map((request) => request.url.slice(location.origin.length));
  for (const url of kept) if (!wanted.has(url)) await cache.delete(url);
  for (const url of wanted.keys()) {
    if (kept.includes(url)) continue;
    try {
      const answer = await fetch(url, { redirect: "manual" });
      if (answer.ok) await cache.put(url, answer);
    } catch (_) {
      return;
    }
  }
}

async function stateWords(wanted) {
  if (off) return word("field_pictures_off");
  if (!("caches" in globalThis)) return word("field_pictures_left");
  const kept = (await (await caches.open(FORM_PICTURES)).keys()).length;
  return word(kept >= wanted.size ? "field_pictures_here" : "field_pictures_left");
}

/** How many they are, how large, whether they are here, and the button that changes that; null where there are none. */
export function picturesLine(pack) {
  const wanted = picturesIn(pack);
  if (!wanted.size) return null;
  const size = sizeWords(Array.from(wanted.values()).reduce((sum, bytes) => sum + bytes, 0));
  const line = element("div", "cw-waiting-actions");
  const said = element("p", "cw-check-hint", word("field_pictures_told", { n: wanted.size, size }));
  const change = async () => {
    await setMeta("pictures", off ? "on" : "off");
    await takeFormPictures(pack);
    line.replaceWith(picturesLine(pack));
  };
  line.append(said, actionButton(word(off ? "field_pictures_take" : "field_pictures_skip"), change));
  stateWords(wanted).then((words) => said.append(` ${words}`));
  return line;
}
