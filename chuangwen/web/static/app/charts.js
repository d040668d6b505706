// <div data-chart="bar|line|stacked" data-source="id"> becomes a chart. The data table under it is the server's work,
// and so is every link: a bar or point leads where its cell leads, else where its row's `href` leads.

import { blockData, library, word } from "./words.js";

const BAR_HEIGHT = 34;

function variable(styles, name) {
  return styles.getPropertyValue(name).trim();
}

function colours() {
  const styles = getComputedStyle(document.documentElement);
  return {
    series: [1, 2, 3, 4, 5, 6].map((n) => variable(styles, `--cw-chart-${n}`)),
    text: variable(styles, "--cw-text"),
    muted: variable(styles, "--cw-muted"),
    line: variable(styles, "--cw-border"),
    surface: variable(styles, "--cw-surface"),
    font: getComputedStyle(document.body).fontFamily,
  };
}

function axes(data, paint, room) {
  const labels = {
    type: "category",
    data: data.rows.map((row) => row.label),
    inverse: Boolean(data.horizontal),
    axisLabel: { color: paint.text, width: Math.max(110, Math.min(data.labelWidth || 0, room * 0.45)), overflow: "truncate", hideOverlap: true },
    axisLine: { lineStyle: { color: paint.line } },
    axisTick: { show: false },
  };
  const values = {
    type: "value",
    axisLabel: { color: paint.muted },
    splitLine: { lineStyle: { color: paint.line } },
  };
  return data.horizontal ? { xAxis: values, yAxis: labels } : { xAxis: labels, yAxis: values };
}

function oneSeries(kind, data, name, at, paint) {
  const last = at === data.series.length - 1;
  return {
    name,
    type: kind === "line" ? "line" : "bar",
    stack: kind === "stacked" ? "all" : undefined,
    data: data.rows.map((row) => row.values[at]),
    barMaxWidth: 28,
    symbolSize: 8,
    lineStyle: { width: 2, type: ["solid", "dashed", "dotted"][at % 3] },
    itemStyle: { borderColor: paint.surface, borderWidth: kind === "stacked" ? 1 : 0 },
    label: {
      show: data.series.length === 1 && data.rows.length <= 24,
      position: data.horizontal ? "right" : "top",
      color: paint.text,
    },
    cursor: data.rows.some((row) => row.href) ? "pointer" : "default",
    z: last ? 3 : 2,
  };
}

function options(kind, data, room) {
  const paint = colours();
  const many = data.series.length > 1;
  return {
    ...axes(data, paint, room),
    color: paint.series,
    animation: false,
    textStyle: { fontFamily: paint.font },
    aria: { enabled: true, label: { description: data.title } },
    grid: { left: 8, right: data.horizontal ? 48 : 16, top: many ? 36 : data.horizontal ? 4 : 24, bottom: 8, containLabel: true },
    legend: { show: many, top: 0, left: 0, textStyle: { color: paint.text }, itemWidth: 14, itemHeight: 10 },
    tooltip: {
      trigger: "axis",
      renderMode: "richText", // HTML tips need inline styles, which the page's content policy forbids
      axisPointer: { type: kind === "line" ? "line" : "shadow" },
      backgroundColor: paint.surface,
      borderColor: paint.line,
      textStyle: { color: paint.text },
      valueFormatter: (value) => (value === null || value === undefined ? "—" : `${value}${data.unit || ""}`),
    },
    series: data.series.map((name, at) => oneSeries(kind, data, name, at, paint)),
  };
}

function follow(data, event) {
  const row = data.rows[event.dataIndex] || {};
  const cell = (row.cells || [])[event.seriesIndex] || {};
  if (cell.href || row.href) location.assign(cell.href || row.href);
}

async function draw(box) {
  const data = blockData(box.dataset.source);
  const kind = box.dataset.chart;
  await library(box.dataset.library);
  if (data.horizontal) box.style.height = `${Math.max(160, data.rows.length * BAR_HEIGHT + 36)}px`;
  box.textContent = "";
  const chart = window.echarts.init(box, null, { renderer: "svg" });
  const show = () => chart.setOption(options(kind, data, box.clientWidth), true);
  show();
  chart.on("click", (event) => follow(data, event));
  new ResizeObserver(() => chart.resize()).observe(box);
  new MutationObserver(show).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
}

document.querySelectorAll("[data-chart]").forEach((box) =>
  draw(box).catch(() => {
    box.textContent = word("chart_failed");
    const table = box.parentElement.querySelector("details");
    if (table) table.open = true;
  }),
);
