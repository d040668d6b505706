// Earlier reports of the same trouble, shown while somebody writes a new one. Without it the form works as before.

import { element } from "./words.js";

const box = document.getElementById("cw-earlier");
const form = box?.closest("form");
let waiting = 0;
let asked = 0;

/** Ask half a second after the last key; an answer that is overtaken by a later question is dropped. */
function typed() {
  window.clearTimeout(waiting);
  waiting = window.setTimeout(ask, 500);
}

async function ask() {
  const values = new URLSearchParams();
  for (const name of ["title", "text", "place", "site"]) values.set(name, (form.elements[name]?.value || "").slice(0, 600));
  if ((values.get("title") + values.get("text")).trim().length < 4) return show([]);
  const mine = (asked += 1);
  try {
    const answer = await fetch(`${box.dataset.url}?${values}`, { headers: { Accept: "application/json" } });
    if (answer.ok && mine === asked) show((await answer.json()).earlier);
  } catch {
    // no connection: the form goes on without suggestions
  }
}

function show(rows) {
  const list = box.querySelector("ul");
  list.replaceChildren(...rows.map(line));
  box.hidden = rows.length === 0;
}

function line(row) {
  const made = element("li");
  const link = element("a", "", row.title);
  link.href = row.url;
  link.target = "_blank";
  made.append(link, element("span", "cw-work-note", `${row.number} · ${row.status} · ${row.percent}%`));
  return made;
}

form?.addEventListener("input", typed);
