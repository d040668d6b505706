// Boxes over faces and plates: drawn on the photo with mouse, pen or finger, moved with the arrow keys. The rows of
// numbers are the truth; without this script they are filled in by hand.

const NAMES = ["left", "top", "width", "height"];
const SMALLEST = 0.6; // per cent; less is a slip of the finger
const STEP = 0.5; // per cent for one press of an arrow key

const form = document.querySelector("form[data-masks]");
const stage = form?.querySelector("[data-mask-stage]");
const body = form?.querySelector("[data-mask-rows]");

const rows = () => [...body.querySelectorAll("[data-mask-row]")];
const fields = (row) => NAMES.map((name) => row.querySelector(`[name="${name}"]`));
const read = (row) => fields(row).map((field) => Number.parseFloat(field.value));
const empty = (row) => fields(row).every((field) => field.value.trim() === "");
const bounded = (value, low, high) => Math.min(Math.max(value, low), high);

function write(row, box) {
  fields(row).forEach((field, place) => (field.value = box === null ? "" : String(Math.round(box[place] * 100) / 100)));
}

function freeRow() {
  const free = rows().find(empty);
  if (free) return free;
  const last = rows().at(-1);
  const row = last.cloneNode(true);
  write(row, null);
  row.querySelector("th").textContent = String(rows().length + 1);
  row.querySelectorAll("[aria-label]").forEach((part) => {
    part.setAttribute("aria-label", part.getAttribute("aria-label").replace(/\d+/, String(rows().length + 1)));
  });
  body.append(row);
  return row;
}

function place(mark, [left, top, width, height]) {
  Object.assign(mark.style, { left: `${left}%`, top: `${top}%`, width: `${width}%`, height: `${height}%` });
}

function draw() {
  stage.querySelectorAll(".cw-mask").forEach((mark) => mark.remove());
  for (const row of rows()) {
    const box = read(row);
    row.querySelector("[data-mask-clear]").hidden = empty(row);
    if (box.some(Number.isNaN)) continue;
    const mark = document.createElement("button");
    mark.type = "button";
    mark.className = "cw-mask";
    mark.textContent = row.querySelector("th").textContent;
    mark.setAttribute("aria-label", row.querySelector("th").textContent);
    mark.addEventListener("keydown", (event) => nudge(event, row));
    mark.addEventListener("pointerdown", (event) => drag(event, row));
    place(mark, box);
    stage.append(mark);
  }
}

function nudge(event, row) {
  const moves = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] };
  if (event.key === "Delete" || event.key === "Backspace") write(row, null);
  else if (!(event.key in moves)) return;
  else {
    const [across, down] = moves[event.key];
    const [left, top, width, height] = read(row);
    const grows = event.shiftKey;
    write(row, [
      grows ? left : bounded(left + across, 0, 100 - width),
      grows ? top : bounded(top + down, 0, 100 - height),
      grows ? bounded(width + across, SMALLEST, 100 - left) : width,
      grows ? bounded(height + down, SMALLEST, 100 - top) : height,
    ]);
  }
  event.preventDefault();
  const number = rows().indexOf(row);
  draw();
  [...stage.querySelectorAll(".cw-mask")].find((mark) => mark.textContent === String(number + 1))?.focus();
}

function at(event) {
  const frame = stage.getBoundingClientRect();
  const across = ((event.clientX - frame.left) / frame.width) * 100;
  const down = ((event.clientY - frame.top) / frame.height) * 100;
  return [bounded(across, 0, 100), bounded(down, 0, 100)];
}

function follow(event, moved, done) {
  stage.setPointerCapture(event.pointerId);
  const stop = () => {
    stage.removeEventListener("pointermove", moved);
    done();
  };
  stage.addEventListener("pointermove", moved);
  stage.addEventListener("pointerup", stop, { once: true });
  stage.addEventListener("pointercancel", stop, { once: true });
}

function drag(event, row) {
  event.stopPropagation();
  const [x, y] = at(event);
  const [left, top, width, height] = read(row);
  const moved = (next) => {
    const [a, b] = at(next);
    write(row, [bounded(left + a - x, 0, 100 - width), bounded(top + b - y, 0, 100 - height), width, height]);
    draw();
  };
  follow(event, moved, draw);
}

function begin(event) {
  if (event.button > 0) return;
  event.preventDefault();
  const [x, y] = at(event);
  const mark = document.createElement("div");
  mark.className = "cw-mask";
  stage.append(mark);
  let box = [x, y, 0, 0];
  const moved = (next) => {
    const [a, b] = at(next);
    box = [Math.min(x, a), Math.min(y, b), Math.abs(a - x), Math.abs(b - y)];
    place(mark, box);
  };
  follow(event, moved, () => {
    if (box[2] >= SMALLEST && box[3] >= SMALLEST) write(freeRow(), box);
    draw();
  });
}

if (form) {
  stage.addEventListener("pointerdown", begin);
  body.addEventListener("input", draw);
  body.addEventListener("click", (event) => {
    const button = event.target.closest("[data-mask-clear]");
    if (!button) return;
    write(button.closest("[data-mask-row]"), null);
    draw();
  });
  draw();
}
