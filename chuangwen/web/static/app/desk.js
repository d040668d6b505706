// Ticking rows of a list: all at once, and how many there are. Without this script every row is ticked by hand.

function boxes(form) {
  return [...form.querySelectorAll('input[type="checkbox"][name="case"]')];
}

function show(form) {
  const all = boxes(form);
  const picked = all.filter((box) => box.checked).length;
  form.querySelectorAll("[data-picked]").forEach((place) => (place.textContent = String(picked)));
  form.querySelectorAll("[data-pick-all]").forEach((head) => {
    head.checked = picked > 0 && picked === all.length;
    head.indeterminate = picked > 0 && picked < all.length;
  });
}

document.querySelectorAll("form[data-pick]").forEach((form) => {
  form.addEventListener("change", (event) => {
    if (event.target.matches("[data-pick-all]")) boxes(form).forEach((box) => (box.checked = event.target.checked));
    show(form);
  });
  show(form);
});
window.addEventListener("pageshow", () => document.querySelectorAll("form[data-pick]").forEach(show));
