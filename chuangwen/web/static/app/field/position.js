// One look at the position, only when something is wrong or the person asks, only if they allow it; nothing waits for it.

import { word } from "../words.js";
import { getMeta } from "./store.js";

async function isOutside({ longitude, latitude }) {
  const [west, south, east, north] = (await getMeta("box")) || [-180, -90, 180, 90];
  return longitude < west || longitude > east || latitude < south || latitude > north;
}

async function note(form, place, coords) {
  if (await isOutside(coords)) {
    place.textContent = word("field_outside");
    return;
  }
  form.elements.lng.value = coords.longitude.toFixed(6);
  form.elements.lat.value = coords.latitude.toFixed(6);
  if (form.elements.accuracy) form.elements.accuracy.value = Math.round(coords.accuracy);
  place.textContent = word("located", { metres: Math.round(coords.accuracy) });
}

/** Put the position into the form's lng and lat, and say so in its [data-check-place]. */
export function takePosition(form) {
  const place = form.querySelector("[data-check-place]");
  if (!place) return;
  if (!navigator.geolocation) {
    place.textContent = word("no_position");
    return;
  }
  place.textContent = word("locating");
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => note(form, place, coords),
    () => (place.textContent = word("no_position")),
    { enableHighAccuracy: true, timeout: 15000, maximumAge: 30000 },
  );
}
