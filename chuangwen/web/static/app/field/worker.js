// The service worker: the pages of the phone open without a network, and what waits goes out when one comes back.
// The server puts the import of flush() and SHELL {version, page, assets} above these lines.
/* global SHELL, flush */

const STORE = `chuangwen-shell-${SHELL.version}`;
const PICTURES = "chuangwen-pictures";
const FORM_PICTURES = "chuangwen-form-pictures";
const PATIENCE = 3000; // milliseconds
const OURS = [
  /^\/field\/$/, /^\/field\/patrols\/\d+\/$/, /^\/field\/patrols\/\d+\/sites\/\d+\/$/, /^\/field\/checks\/$/,
  /^\/field\/patrols\/\d+\/sites\/\d+\/questions\/$/, /^\/field\/rechecks\/\d+\/$/, /^\/field\/standards\/$/,
  /^\/field\/checks\/\d+\/$/, /^\/field\/cases\/\d+\/$/, /^\/field\/report\/$/, /^\/field\/waiting\/$/,
];

async function install() {
  const store = await caches.open(STORE);
  const all = [SHELL.page, ...SHELL.assets].map((url) => new Request(url, { cache: "no-cache" }));
  await store.addAll(all);
  await self.skipWaiting();
}

async function activate() {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith("chuangwen-shell-") && name !== STORE);
  await Promise.all(old.map((name) => caches.delete(name)));
  await self.clients.claim();
}

async function kept(wanted, name) {
  try {
    return await (await caches.open(name)).match(wanted);
  } catch (_) {
    return undefined;
  }
}

/** A page must not hang on a store that is busy: after a while the network is asked too, and whoever answers is right. */
async function keptOrFetched(request, name, wanted = request) {
  const looked = kept(wanted, name);
  const found = await Promise.race([looked, new Promise((done) => setTimeout(done, PATIENCE))]);
  if (found) return found;
  try {
    return await fetch(request);
  } catch (error) {
    const late = await looked;
    if (late) return late;
    throw error;
  }
}

function shellPage(request) {
  return keptOrFetched(request, STORE, SHELL.page);
}

async function pageOrShell(request) {
  try {
    return await fetch(request);
  } catch (_) {
    return shellPage(request);
  }
}

function answerFor(request, url) {
  if (request.mode === "navigate") {
    const known = OURS.some((pattern) => pattern.test(url.pathname)) && !url.searchParams.has("server");
    return known ? shellPage(request) : pageOrShell(request);
  }
  if (SHELL.assets.includes(url.pathname)) return keptOrFetched(request, STORE);
  if (/^\/field\/pictures\/[0-9a-f]+\/$/.test(url.pathname)) return keptOrFetched(request, FORM_PICTURES);
  if (url.searchParams.get("small") === "1") return keptOrFetched(request, PICTURES);
  return null;
}

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(activate()));
self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== self.location.origin) return;
  const answer = answerFor(event.request, url);
  if (answer) event.respondWith(answer);
});

async function sendWaiting() {
  const reason = await flush();
  if (reason === "network" || reason === "server") throw new Error(reason); // the browser calls again later
}

self.addEventListener("sync", (event) => {
  if (event.tag === "chuangwen-field-send") event.waitUntil(sendWaiting());
});

// A notice of the office, encrypted for this browser. Its tag is its key: one that comes twice is shown once.
function readPush(data) {
  try {
    return data ? data.json() : {};
  } catch (_) {
    return {};
  }
}

self.addEventListener("push", (event) => {
  const told = readPush(event.data);
  const facts = { body: told.body || "", tag: told.tag, icon: "/static/app/icon-192.png", data: { url: told.url || "" } };
  event.waitUntil(self.registration.showNotification(told.title || "创文", facts));
});

async function openNotice(address) {
  const url = new URL(address || "/field/notices/", self.location.origin);
  if (url.origin !== self.location.origin) return;
  const pages = await self.clients.matchAll({ type: "window" });
  const here = pages.find((page) => new URL(page.url).pathname.startsWith("/field/"));
  if (here) {
    await here.focus();
    await here.navigate(url.href);
  } else {
    await self.clients.openWindow(url.href);
  }
}

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(openNotice(event.notification.data.url));
});
