// When things go out by themselves: when a page opens, when the network or the person comes back, after a while.

import { leave, packOf, refresh, takePictures } from "./pack.js";
import { takeFormPictures } from "./pictures.js";
import { flush, tally } from "./sender.js";
import { announce, getMeta } from "./store.js";

const FIRST_WAIT = 500;
const LONGEST_WAIT = 300000;
const PACK_AGE = 60000;
const TAG = "chuangwen-field-send";
let wait = FIRST_WAIT;
let timer = 0;
let running = false;
let again = false;

/** A retry later each time; a little by chance, so that phones do not all come back at the same moment. */
function later(reason) {
  clearTimeout(timer);
  if (!["network", "server", "busy"].includes(reason)) return;
  timer = setTimeout(kick, wait * (0.75 + Math.random() / 2));
  wait = Math.min(wait * 2, LONGEST_WAIT);
}

/** Send now whatever waits. */
export async function kick() {
  if (running) {
    again = true; // something was added while the last round was ending
    return;
  }
  running = true;
  try {
    do {
      again = false;
      const before = tally.delivered;
      const reason = await flush();
      if (reason === "other_person") renew(true);
      if (tally.delivered > before || reason === "") wait = FIRST_WAIT;
      later(reason);
    } while (again);
  } finally {
    running = false;
  }
}

/** Something new waits: send it, and let the browser do so when this page is closed before. */
export async function added() {
  kick();
  try {
    const registration = await navigator.serviceWorker.ready;
    await registration.sync.register(TAG);
  } catch (_) {
    // no worker or no background sync here: it goes out when a page is open
  }
}

async function isStale() {
  const packed = await getMeta("packed");
  return !packed || Math.abs(Date.now() - packed.seen) > PACK_AGE;
}

/** Bring what is taken along up to date, unless that was done a moment ago. */
export async function renew(always = false) {
  if (!always && !(await isStale())) return "";
  const reason = await refresh();
  const me = await getMeta("me");
  if (reason === "login") announce({ kind: "stopped", reason });
  if (reason === "" || reason === "full") announce({ kind: "room", full: reason === "full" });
  if (!reason && me) takePictures(me.id).then(async () => takeFormPictures(await packOf(me.id)));
  return reason;
}

async function register() {
  if (!("serviceWorker" in navigator) || !window.isSecureContext) return;
  try {
    await navigator.serviceWorker.register("/field/sw.js", { scope: "/field/", type: "module" });
  } catch (_) {
    // an old browser: the pages need a network, what waits does not
  }
}

function awake() {
  wait = FIRST_WAIT;
  kick();
  renew();
}

/** Begin: called once by each page. */
export function begin() {
  register();
  window.addEventListener("online", awake);
  window.addEventListener("pageshow", (event) => event.persisted && awake());
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && awake());
  if (navigator.storage && navigator.storage.persist) navigator.storage.persist().catch(() => {});
  document.addEventListener("submit", (event) => event.target.matches("form[data-leave]") && leave());
  kick();
}
