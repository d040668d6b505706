// Takes pushes for residents who asked for them; keeps nothing and touches no page.

self.addEventListener("push", (event) => {
  let told = {};
  try {
    told = event.data.json();
  } catch (_) {
    told = {};
  }
  const facts = { body: told.body || "", tag: told.tag, icon: "/static/app/icon-192.png", data: { url: told.url || "/" } };
  event.waitUntil(self.registration.showNotification(told.title || "创文", facts));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const url = new URL(event.notification.data.url, self.location.origin);
  if (url.origin === self.location.origin) event.waitUntil(self.clients.openWindow(url.href));
});
