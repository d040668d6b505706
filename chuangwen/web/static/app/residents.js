// Helpers on residents' pages. Each page works without them: the position of the phone, a point on the map, a puzzle
// solved by the browser instead of a question, smaller photos, pushes for a subscription.

import { blockData, library } from "./words.js";

function locate(form) {
  const said = form.querySelector("[data-locate-words]");
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    if (form.elements.lng.value) return;
    event.preventDefault();
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        form.elements.lng.value = coords.longitude.toFixed(6);
        form.elements.lat.value = coords.latitude.toFixed(6);
        form.submit();
      },
      () => {
        said.textContent = form.dataset.denied;
      },
      { enableHighAccuracy: true, timeout: 10000, maximumAge: 60000 },
    );
  });
}

async function pick(section) {
  const box = section.querySelector("[data-pick-map]");
  const { areas } = blockData(box.dataset.source);
  if (!areas.length && !box.dataset.tileUrl) return;
  const sheet = document.createElement("link");
  sheet.rel = "stylesheet";
  sheet.href = box.dataset.styles;
  document.head.prepend(sheet);
  await library(box.dataset.library);
  section.hidden = false;
  const L = window.L;
  const map = L.map(box, { zoomSnap: 0.25 });
  map.attributionControl.setPrefix(false);
  if (box.dataset.tileUrl) L.tileLayer(box.dataset.tileUrl).addTo(map);
  const features = areas.map(({ name, geometry }) => ({ type: "Feature", properties: { name }, geometry }));
  const drawn = L.geoJSON(features, {
    style: { weight: 1.5, fillOpacity: 0.1 },
    onEachFeature: (feature, layer) => layer.bindTooltip(feature.properties.name, { sticky: true }),
  }).addTo(map);
  if (drawn.getBounds().isValid()) map.fitBounds(drawn.getBounds());
  else map.setView([32.0, 120.88], 12);
  map.on("click", ({ latlng }) => {
    location.assign(`${box.dataset.next}?lng=${latlng.lng.toFixed(6)}&lat=${latlng.lat.toFixed(6)}`);
  });
}

function zeroBits(bytes, bits) {
  for (let bit = 0; bit < bits; bit += 1) if (bytes[bit >> 3] & (128 >> (bit & 7))) return false;
  return true;
}

async function prove(box) {
  const { proof, bits, done } = box.dataset;
  const write = new TextEncoder();
  for (let number = 0; number < 1e6; number += 1) {
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", write.encode(`${proof}:${number}`)));
    if (zeroBits(hash, Number(bits))) {
      box.querySelector("[name=number]").value = number;
      box.querySelector("label").hidden = true;
      box.querySelector("#answer").hidden = true;
      box.querySelector("#answer-hint").textContent = done;
      return;
    }
  }
}

const LONG_SIDE = 2000;

async function smaller(file) {
  if (file.size < 1.5e6 || !file.type.startsWith("image/")) return file;
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, LONG_SIDE / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.85));
  return blob && blob.size < file.size ? new File([blob], "photo.jpg", { type: "image/jpeg" }) : file;
}

function shrink(form) {
  const input = form.elements.photo;
  input.addEventListener("change", async () => {
    const bag = new DataTransfer();
    for (const file of input.files) bag.items.add(await smaller(file).catch(() => file));
    input.files = bag.files;
  });
}

function keyBytes(text) {
  const padded = text.replace(/-/g, "+").replace(/_/g, "/") + "=".repeat((4 - (text.length % 4)) % 4);
  return Uint8Array.from(atob(padded), (letter) => letter.charCodeAt(0));
}

function pushes(form) {
  const button = form.querySelector("[data-push-button]");
  const said = form.querySelector("[data-push-said]");
  if (!button) return; // no key for pushes is set
  button.closest("[data-push-part]").hidden = false;
  button.addEventListener("click", async () => {
    try {
      if ((await Notification.requestPermission()) !== "granted") throw new Error("denied");
      const worker = await navigator.serviceWorker.register(button.dataset.worker);
      const key = { userVisibleOnly: true, applicationServerKey: keyBytes(button.dataset.key) };
      const found = (await worker.pushManager.getSubscription()) || (await worker.pushManager.subscribe(key));
      const { endpoint, keys } = found.toJSON();
      Object.entries({ endpoint, ...keys }).forEach(([name, value]) => {
        form.elements[name].value = value;
      });
      form.elements.email.required = false;
      form.requestSubmit();
    } catch (_) {
      said.textContent = button.dataset.failed;
    }
  });
}

const once = (selector, able, act) => {
  if (able) document.querySelectorAll(selector).forEach((found) => Promise.resolve(act(found)).catch(() => {}));
};
once("[data-locate]", "geolocation" in navigator && window.isSecureContext, locate);
once("[data-pick]", true, pick);
once("[data-proof]", window.crypto && crypto.subtle, prove);
once("form[data-shrink]", "DataTransfer" in window && "createImageBitmap" in window, shrink);
once("form[data-pushes]", "serviceWorker" in navigator && "PushManager" in window && "Notification" in window, pushes);
