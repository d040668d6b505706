// Which criteria of the checklist on the screen are asked, as verdicts and answers change.

import { blockData } from "../words.js";
import { asking, dayAt } from "./asking.js";
import { dayOf } from "./conditions.js";

let place = null; // {asked, given, today} of the checklist on the screen

/** The checklist on the screen asks this: {asked, given, day}; null when nothing depends on anything. */
export function setAsking(next) {
  place = next && { asked: next.asked, given: next.given, today: next.day ? dayOf(next.day) : dayAt(new Date()) };
}

/** A page from the server says so in a block. */
export function readAsking() {
  const block = blockData("cw-asking");
  if (block) setAsking({ asked: block.asked, given: block.answers || {}, day: block.day });
}

function items() {
  return Array.from(document.querySelectorAll("[data-check]"));
}

function codeOf(item) {
  return item.querySelector("form").elements.criterion.value;
}

function stateHere() {
  const judged = items().filter((item) => item.dataset.verdict);
  return asking(place.asked, place.given, Object.fromEntries(judged.map((item) => [codeOf(item), item.dataset.verdict])), place.today);
}

/** Hide what need not be judged; what was judged stays, so that it can be corrected. */
export function showAsked() {
  if (!place) return;
  const { isJudged } = stateHere();
  for (const item of items()) item.hidden = !item.dataset.verdict && !isJudged(codeOf(item));
  for (const group of document.querySelectorAll("section")) {
    const inside = Array.from(group.querySelectorAll("[data-check]"));
    if (inside.length) group.hidden = inside.every((item) => item.hidden);
  }
}

/** The questions that must be answered before this place is finished. */
export function unansweredHere() {
  return place ? stateHere().left() : [];
}
