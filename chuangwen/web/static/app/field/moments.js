// Moments as people say them, in Beijing time whatever the phone is set to.

import { word } from "../words.js";

const ZONE = "Asia/Shanghai";
const DAY = new Intl.DateTimeFormat("zh-CN", { timeZone: ZONE, month: "numeric", day: "numeric" });
const CLOCK = new Intl.DateTimeFormat("zh-CN", { timeZone: ZONE, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

function dayOf(date) {
  const parts = Object.fromEntries(DAY.formatToParts(date).map((part) => [part.type, part.value]));
  return word("field_day", { month: parts.month, day: parts.day });
}

/** 今天 14:05, 6月28日 11:00. */
export function moment(iso, now = new Date()) {
  const date = new Date(iso);
  const day = dayOf(date) === dayOf(now) ? word("field_today") : dayOf(date);
  return `${day} ${CLOCK.format(date)}`;
}

/** 还剩 2 天 / 已超期 3 小时; "" without a deadline. */
export function timeLeft(iso, now = Date.now()) {
  if (!iso) return "";
  const left = new Date(iso).getTime() - now;
  const hours = Math.floor(Math.abs(left) / 3600000);
  const span = hours >= 48 ? word("field_days", { n: Math.floor(hours / 24) }) : word("field_hours", { n: hours });
  return word(left < 0 ? "field_late" : "field_left_time", { span });
}
