// What a checklist asks besides its verdicts, and what is wrong with an answer: rules/form_answers.py on the phone. The
// server looks again at everything. tests/rules/conditions.json holds both to the same answers.

import { Day, dayOf, holds } from "./conditions.js";

const LONGEST = 500;
const WHOLE = /^-?[0-9]{1,9}$/;
const DECIMAL = /^-?[0-9]{1,12}(\.[0-9]{1,9})?$/;
const DEGREES = /^-?[0-9]{1,3}(\.[0-9]{1,12})? -?[0-9]{1,3}(\.[0-9]{1,12})?( -?[0-9]{1,6}(\.[0-9]{1,12})?){0,2}$/;

/** The day of a moment in Beijing. */
export function dayAt(moment) {
  return new Day(Math.floor((moment.getTime() + 8 * 3600000) / 86400000));
}

function typed(kind, text) {
  if ((kind === "integer" || kind === "decimal") && DECIMAL.test(text)) return Number(text);
  return kind === "date" ? dayOf(text) || text : text;
}

function isPosition(text) {
  if (!DEGREES.test(text)) return false;
  const [lat, lng] = text.split(" ").map(Number);
  return Math.abs(lat) <= 90 && Math.abs(lng) <= 180;
}

const SHAPES = {
  integer: { fits: (text) => WHOLE.test(text), word: "ask_integer" },
  decimal: { fits: (text) => DECIMAL.test(text), word: "ask_decimal" },
  date: { fits: (text) => dayOf(text) !== null, word: "ask_date" },
  geopoint: { fits: isPosition, word: "ask_geopoint" },
};

/**
 * `asked`: the part of the pack {questions, choices, fields, groups}; `given`: answers by name; `verdicts`: by code.
 * Answers {isAsked(question), isJudged(code), trouble(question), left()}.
 */
export function asking(asked, given, verdicts, today) {
  const fields = Object.entries(verdicts).filter(([code]) => asked.fields[code]);
  const answers = new Map(fields.map(([code, verdict]) => [asked.fields[code], verdict]));
  for (const row of asked.questions) answers.set(row.name, typed(row.type, given[row.name] || ""));
  const lets = (tree, own = "") => holds(tree, { answers, today, own });
  const isJudged = (code) => lets(asked.groups[code]);
  const isAsked = (row) => lets(row.relevant) && isJudged(row.criterion);

  /** What is wrong with an answer: {words} of the checklist, {word, values} of ours, or null. */
  function trouble(row) {
    const text = given[row.name] || "";
    if (!text) return null;
    const length = [...text].length;
    if (length > LONGEST) return { word: "ask_long", values: { n: length, most: LONGEST } };
    const shape = SHAPES[row.type];
    if (shape && !shape.fits(text)) return { word: shape.word, values: { text } };
    if (lets(row.constraint, typed(row.type, text))) return null;
    return row.said ? { words: row.said } : { word: "ask_unfit", values: { text } };
  }

  const isMissing = (row) => row.required && row.type !== "note" && !given[row.name] && isAsked(row);
  return { isAsked, isJudged, trouble, left: () => asked.questions.filter(isMissing) };
}
