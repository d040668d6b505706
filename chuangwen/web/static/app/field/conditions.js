// Conditions of a checklist (relevant, constraint) worked out on the phone: the trees of rules/condition_trees.py, with the
// meaning that rules/xpath.py gives them. tests/rules/conditions.json holds both to the same answers.

const BLANK = /[^ \t\n\r\f\v]+/g;
const NUMBER = /^[ \t\n\r\f\v]*-?([0-9]+(\.[0-9]*)?|\.[0-9]+)[ \t\n\r\f\v]*$/;
const MOST_MATCHED = 1000;

/** A day as conditions count with it: days since 1970. */
export class Day {
  constructor(number) {
    this.number = number;
  }

  toString() {
    const date = new Date(this.number * 86400000);
    const two = (n) => String(n).padStart(2, "0");
    return `${String(date.getUTCFullYear()).padStart(4, "0")}-${two(date.getUTCMonth() + 1)}-${two(date.getUTCDate())}`;
  }
}

/** The day of a text like 2026-05-01; null when there is no such day. */
export function dayOf(text) {
  const found = text.match(/^([0-9]{4})-([0-9]{2})-([0-9]{2})$/);
  if (!found) return null;
  const date = new Date(0);
  date.setUTCFullYear(Number(found[1]), Number(found[2]) - 1, Number(found[3]));
  const day = new Day(date.getTime() / 86400000);
  return Number(found[1]) > 0 && String(day) === text ? day : null;
}

export function asBool(value) {
  if (typeof value === "number") return value !== 0 && !Number.isNaN(value);
  return Boolean(value);
}

export function asNumber(value) {
  if (typeof value === "number" || typeof value === "boolean") return Number(value);
  if (value instanceof Day) return value.number;
  const day = dayOf(value);
  if (day) return day.number;
  return NUMBER.test(value) ? Number(value) : NaN;
}

function withoutExponent(text) {
  const [digits, exponent] = text.split("e-");
  if (exponent === undefined) return text;
  const sign = digits.startsWith("-") ? "-" : "";
  return `${sign}0.${"0".repeat(Number(exponent) - 1)}${digits.replace(/[-.]/g, "")}`;
}

export function asText(value) {
  if (typeof value !== "number") return String(value);
  if (Number.isFinite(value) && Number.isInteger(value)) return BigInt(value).toString();
  return withoutExponent(String(value));
}

function equal(left, right) {
  const either = (test) => test(left) || test(right);
  if (either((one) => typeof one === "boolean")) return asBool(left) === asBool(right);
  if (either((one) => typeof one === "number" || one instanceof Day)) return asNumber(left) === asNumber(right);
  return left === right;
}

function words(text) {
  return text.match(BLANK) || [];
}

function matches(text, pattern) {
  const some = [...text].slice(0, MOST_MATCHED).join("");
  return new RegExp(`^(?:${pattern})$`, "u").test(some);
}

const texts = (work) => (parts, over) => work(...parts.map((part) => asText(valueOf(part, over))));
const numbers = (work) => (parts, over) => work(...parts.map((part) => asNumber(valueOf(part, over))));

const FUNCTIONS = {
  true: () => true,
  false: () => false,
  not: (parts, over) => !isTrue(parts[0], over),
  boolean: (parts, over) => isTrue(parts[0], over),
  string: texts((text) => text),
  number: numbers((number) => number),
  int: numbers((number) => Math.trunc(number) + 0), // no minus nought
  round: numbers((number) => (Number.isFinite(number) ? Math.floor(number + 0.5) + 0 : number)),
  today: (_, over) => over.today,
  date: texts((text) => dayOf([...text].slice(0, 10).join("")) || ""),
  if: (parts, over) => valueOf(isTrue(parts[0], over) ? parts[1] : parts[2], over),
  coalesce: (parts, over) => {
    const found = valueOf(parts[0], over);
    return asText(found) ? found : valueOf(parts[1], over);
  },
  concat: texts((...all) => all.join("")),
  contains: texts((text, part) => text.includes(part)),
  "starts-with": texts((text, start) => text.startsWith(start)),
  "string-length": texts((text) => [...text].length),
  selected: texts((text, word) => words(text).includes(word.replace(/^[ \t\n\r\f\v]+|[ \t\n\r\f\v]+$/g, ""))),
  "count-selected": texts((text) => words(text).length),
  regex: texts(matches),
};

const OPERATORS = {
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b,
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  div: (a, b) => a / b,
  mod: (a, b) => (Number.isFinite(a) && b !== 0 ? a % b : NaN),
};

function operated(kind, parts, over) {
  if (kind === "and") return isTrue(parts[0], over) && isTrue(parts[1], over);
  if (kind === "or") return isTrue(parts[0], over) || isTrue(parts[1], over);
  const [left, right] = parts.map((part) => valueOf(part, over));
  if (kind === "=" || kind === "!=") return equal(left, right) === (kind === "=");
  return OPERATORS[kind](asNumber(left), asNumber(right));
}

/** What a tree comes to: a text, a number, a boolean or a Day. `over`: {answers (a Map), today (a Day), own}. */
export function valueOf([kind, ...rest], over) {
  if (kind === "text" || kind === "number") return rest[0];
  if (kind === "name") return over.answers.has(rest[0]) ? over.answers.get(rest[0]) : "";
  if (kind === "self") return over.own;
  if (kind === "call") return FUNCTIONS[rest[0]](rest.slice(1), over);
  return operated(kind, rest, over);
}

function isTrue(tree, over) {
  return asBool(valueOf(tree, over));
}

/** Whether a condition holds. None holds always; so does one that only the server can tell. */
export function holds(tree, over) {
  if (!tree || tree[0] === "unknown") return true;
  try {
    return isTrue(tree, over);
  } catch (_) {
    return true; // the server looks again
  }
}
