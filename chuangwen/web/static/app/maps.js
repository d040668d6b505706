// <div data-map data-source="id" data-tile-url=""> becomes a map: boundaries and points on a canvas. Without a tile
// server the boundaries stand on a plain ground. The list of points for keyboard and screen reader is the server's work.
//
// The JSON block: {boundaries: FeatureCollection, points: FeatureCollection of Point, states: {name: {label, tone}}};
// properties of a boundary: title, href; of a point: title, note, state, href. Coordinates are WGS-84.
// A point may carry label (a word beside it) and form (the id of a form of the page that its popup shows); lines:
// [{title, coordinates}] are drawn below the points. Instead of points, very many of them may come as short rows [lng, lat, title, note, state, id] with links: the address
// of each state, in which {id} is replaced.

import { blockData, element, library, word } from "./words.js";

// A state is told by size and filling as well as by colour.
const SHAPES = {
  bad: { radius: 9, fillOpacity: 0.95, weight: 2 },
  warn: { radius: 8, fillOpacity: 0.55, weight: 3 },
  accent: { radius: 7, fillOpacity: 0.85, weight: 1 },
  info: { radius: 7, fillOpacity: 0.55, weight: 2 },
  good: { radius: 6, fillOpacity: 0, weight: 3 },
  neutral: { radius: 5, fillOpacity: 0.5, weight: 1 },
};

const WHOLE_COUNTRY = [35, 105]; // shown when there is neither a boundary nor a point

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function toneOf(data, state) {
  const known = data.states && data.states[state];
  return known && SHAPES[known.tone] ? known.tone : "neutral";
}

function pointStyle(data, feature) {
  const tone = toneOf(data, feature.properties.state);
  const ink = colour(`--cw-${tone}-mark`);
  return { ...SHAPES[tone], color: ink, fillColor: ink };
}

function boundaryStyle() {
  return { color: colour("--cw-map-line"), weight: 1.5, fillColor: colour("--cw-map-area"), fillOpacity: 0.5 };
}

/** The form of the page that a point names, once more: `form` is the id of a form or of a template, `fill` its fields. */
function formOf({ form, fill }) {
  const source = form && document.getElementById(form);
  if (!source) return null;
  const copy = (source.content ? source.content.querySelector("form") : source).cloneNode(true);
  copy.removeAttribute("id");
  Object.entries(fill || {}).forEach(([name, value]) => {
    copy.elements[name].value = value;
  });
  return copy;
}

function popup(data, feature) {
  const { title, note, state, href } = feature.properties;
  const box = element("div", "cw-map-popup");
  box.append(element("strong", "", title));
  if (data.states && data.states[state]) box.append(element("span", "", data.states[state].label));
  if (note) box.append(element("span", "", note));
  if (href) {
    const link = element("a", "", word("open"));
    link.href = href;
    box.append(link);
  }
  const form = formOf(feature.properties);
  if (form) box.append(form);
  return box;
}

function legend(L, data) {
  const control = L.control({ position: "bottomright" });
  control.onAdd = () => {
    const list = element("ul", "cw-map-legend");
    Object.values(data.states).forEach(({ label, tone }) => {
      const line = element("li");
      line.append(element("span", `cw-map-key cw-map-key-${SHAPES[tone] ? tone : "neutral"}`), label);
      list.append(line);
    });
    return list;
  };
  return control;
}

function boundaries(L, data) {
  return L.geoJSON(data.boundaries || [], {
    style: boundaryStyle,
    onEachFeature: (feature, layer) => {
      if (feature.properties.title) layer.bindTooltip(feature.properties.title, { sticky: true });
      if (feature.properties.href) layer.on("click", () => location.assign(feature.properties.href));
    },
  });
}

function unpacked(data) {
  return data.rows.map(([lng, lat, title, note, state, id]) => ({
    type: "Feature",
    geometry: { type: "Point", coordinates: [lng, lat] },
    properties: { title, note, state, href: (data.links[state] || "").replace("{id}", id) },
  }));
}

function marked(layer, { label }) {
  if (label) layer.bindTooltip(label, { permanent: true, direction: "right", className: "cw-map-number" });
}

function points(L, data) {
  return L.geoJSON(data.rows ? unpacked(data) : data.points || [], {
    pointToLayer: (feature, place) => L.circleMarker(place, pointStyle(data, feature)),
    onEachFeature: (feature, layer) => {
      layer.bindPopup(() => popup(data, feature));
      marked(layer, feature.properties);
    },
  });
}

const DASHES = [null, "8 5", "2 6", "12 4 2 4"]; // a route is told by its line as well as by its colour

function lines(L, data) {
  const drawn = (data.lines || []).map(({ title, coordinates }, at) => {
    const places = coordinates.map(([lng, lat]) => [lat, lng]);
    const style = { color: colour(`--cw-chart-${(at % 6) + 1}`), weight: 3, dashArray: DASHES[Math.floor(at / 6) % 4] || DASHES[at % 4] };
    return L.polyline(places, style).bindTooltip(title, { sticky: true });
  });
  return L.featureGroup(drawn);
}

function stylesheet(url) {
  if (document.querySelector(`link[href="${url}"]`)) return Promise.resolve();
  const link = element("link");
  link.rel = "stylesheet";
  link.href = url;
  document.head.prepend(link); // before app.css, which themes it
  return new Promise((resolve, reject) => {
    link.onload = resolve;
    link.onerror = reject;
  });
}

function fit(map, extent) {
  if (extent.isValid()) map.fitBounds(extent, { padding: [16, 16], maxZoom: 17 });
  else map.setView(WHOLE_COUNTRY, 4);
}

/** A map inside a closed <details> has no size; it is fitted when it is first seen. */
function followSize(box, map, extent) {
  let seen = box.clientWidth > 0;
  new ResizeObserver(() => {
    map.invalidateSize();
    if (!seen && box.clientWidth > 0) fit(map, extent);
    seen = seen || box.clientWidth > 0;
  }).observe(box);
}

async function draw(box) {
  const data = blockData(box.dataset.source);
  await Promise.all([stylesheet(box.dataset.styles), library(box.dataset.library)]);
  const L = window.L;
  const zoomSnap = box.dataset.tileUrl ? 1 : 0.25; // boundaries alone may fill the frame, tiles are drawn for whole steps
  const map = L.map(box, { renderer: L.canvas({ padding: 0.5 }), preferCanvas: true, zoomControl: false, zoomSnap });
  L.control.zoom({ zoomInTitle: box.dataset.zoomIn, zoomOutTitle: box.dataset.zoomOut }).addTo(map);
  map.attributionControl.setPrefix(false);
  if (box.dataset.tileUrl) L.tileLayer(box.dataset.tileUrl, { attribution: box.dataset.tileCredit }).addTo(map);
  const areas = boundaries(L, data).addTo(map);
  lines(L, data).addTo(map);
  const marks = points(L, data).addTo(map);
  const extent = L.featureGroup([areas, marks]).getBounds();
  fit(map, extent);
  if (data.states) legend(L, data).addTo(map);
  followSize(box, map, extent);
  new MutationObserver(() => {
    areas.setStyle(boundaryStyle());
    marks.eachLayer((layer) => layer.setStyle(pointStyle(data, layer.feature)));
  }).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
}

document.querySelectorAll("[data-map]").forEach((box) =>
  draw(box).catch(() => {
    box.textContent = word("map_failed");
    const list = box.parentElement.querySelector("details");
    if (list) list.open = true;
  }),
);
