// Asking this browser to take pushes: permission, subscription, and the form that tells the server.

const form = document.querySelector("form[data-push]");

function keyBytes(text) {
  const padded = text.replace(/-/g, "+").replace(/_/g, "/") + "=".repeat((4 - (text.length % 4)) % 4);
  return Uint8Array.from(atob(padded), (letter) => letter.charCodeAt(0));
}

function say(words) {
  form.querySelector("[data-push-words]").textContent = words;
}

async function subscribe() {
  const registration = await navigator.serviceWorker.register(form.dataset.worker, { scope: "/field/", type: "module" });
  const asked = { userVisibleOnly: true, applicationServerKey: keyBytes(form.dataset.push) };
  const found = (await registration.pushManager.getSubscription()) || (await registration.pushManager.subscribe(asked));
  const { endpoint, keys } = found.toJSON();
  form.elements.endpoint.value = endpoint;
  form.elements.p256dh.value = keys.p256dh;
  form.elements.auth.value = keys.auth;
}

async function open(event) {
  if (form.elements.endpoint.value) return; // everything is known: let the form go
  event.preventDefault();
  try {
    if ((await Notification.requestPermission()) !== "granted") {
      say(form.dataset.denied);
      return;
    }
    await subscribe();
    form.requestSubmit();
  } catch (_) {
    say(form.dataset.failed);
  }
}

if (form && "serviceWorker" in navigator && "PushManager" in window && "Notification" in window) {
  form.querySelector("button").disabled = false;
  say("");
  form.addEventListener("submit", open);
}
