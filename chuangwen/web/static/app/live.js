// A page that keeps itself up to date: what is inside [data-live] is asked for anew and put in place at once when it
// differs, so nothing flickers. Without this script the browser loads the whole page anew.

const ID = "live";

function holder() {
  return document.getElementById(ID);
}

function without(text) {
  return text.replace(/name="(csrfmiddlewaretoken|client_key)" value="[^"]*"/g, "");
}

function late(shown) {
  document.querySelectorAll("[data-live-late]").forEach((place) => (place.hidden = !shown));
}

async function renew() {
  const here = holder();
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" }, cache: "no-store" });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById(ID);
    if (!answer.ok || !fresh) throw new Error(String(answer.status));
    late(false);
    if (without(fresh.outerHTML) !== without(here.outerHTML)) here.replaceWith(document.adoptNode(fresh));
  } catch {
    late(true);
  }
  wait();
}

function wait() {
  const seconds = Number(holder()?.dataset.live);
  if (seconds > 0) setTimeout(renew, seconds * 1000);
}

wait();
