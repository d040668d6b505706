// A second look at a place: its criteria and nothing of what was found there before, because the pack holds nothing of it.

import { element, word } from "../words.js";
import { showProgress } from "./checklist.js";
import { checkGroups } from "./items.js";
import { make } from "./making.js";

function isRefused(task) {
  return Object.values(task.findings).some((one) => one.entry && one.entry.state === "refused");
}

/** The page of a re-check, or null when the phone does not have it. */
export function second({ pack, numbers, path }) {
  const task = pack[`recheck:${numbers[0]}`];
  if (!task || task.finished) return null;
  const page = { title: word("field_second", { name: task.name }), back: "/field/" };
  const where = element("p", "cw-check-hint", [task.address, task.street].filter(Boolean).join(" · "));
  if (task.finish && !isRefused(task) && task.finish.state !== "refused") return { ...page, content: [where, make("second-done")] };
  const form = make("second-finish");
  form.action = `${path}finish/`;
  Object.assign(form.dataset, { label: task.name, place: task.address });
  const hint = element("p", "cw-check-hint", word("field_second_hint"));
  const items = checkGroups(task.rows, `${path}verdicts/`, task.findings);
  return { ...page, content: [make("check-head"), where, hint, ...items, form], after: showProgress };
}
