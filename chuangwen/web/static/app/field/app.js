// Every page of the phone begins here, those from the server and the one that stands for them without a network.

import { begin, renew } from "./background.js";
import { watchChecklist } from "./checklist.js";
import { showFlash, watchForms } from "./forms.js";
import { packOf } from "./pack.js";
import { here, watchPerson } from "./person.js";
import { keeps, onNews, setMeta } from "./store.js";
import { draw, drawMissing, isList } from "./views.js";
import { watchWaiting } from "./waiting.js";

const SHELL = "shell" in document.body.dataset;

/** Ask the server for this very page, past the worker. */
function fromServer() {
  const address = new URL(location.href);
  if (address.searchParams.has("server")) return;
  address.searchParams.set("server", "1");
  location.replace(address);
}

/** Draw from what the phone has; then see whether the server knows better. */
async function open(me) {
  const drawn = me && (await draw(me));
  const reason = await renew(!drawn || isList()); // a list is opened to see what is new
  if (drawn) return;
  const now = await here();
  if (now && (await draw(now))) return;
  if (reason === "network" || reason === "server") drawMissing(reason);
  else fromServer();
}

async function keepBox(me) {
  const pack = me ? await packOf(me.id) : {};
  if (pack.frame) await setMeta("box", pack.frame.box.length ? pack.frame.box : null);
}

async function start() {
  showFlash();
  if (!(await keeps())) return; // a browser without a memory: the pages work as plain pages
  const me = await here();
  watchPerson(me);
  begin();
  await Promise.all([watchChecklist(me), watchForms(me), watchWaiting(me)]);
  onNews((news) => news.kind === "pack" && keepBox(me));
  if (!SHELL) {
    renew();
    return;
  }
  onNews((news) => ["pack", "queue"].includes(news.kind) && isList() && draw(me));
  await open(me);
}

start();
