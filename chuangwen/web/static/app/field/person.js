// Whose phone this is now. A page from the server knows; the page that stands for all others asks the database.

import { arrive, leave } from "./pack.js";
import { getMeta, onNews } from "./store.js";

/** {id, name}, or null when nobody has logged in on this phone yet. */
export async function here() {
  const { person, personName } = document.body.dataset;
  if (person) await arrive({ id: Number(person), name: personName });
  const me = await getMeta("me");
  const loggedIn = document.cookie.match(/(?:^|; )cw_person=(\d+)/);
  if (!me || !loggedIn || Number(loggedIn[1]) === me.id) return me;
  await leave(); // somebody else logged in since: nothing of the other person is shown, not even for a moment
  return null;
}

/** What stands on the screen belongs to one person: when another one logs in, it must not stay. */
export function watchPerson(me) {
  document.body.dataset.whose = me ? me.id : "";
  let leaving = false; // whoever has tapped a link goes there; beginning this page anew would call that off
  window.addEventListener("beforeunload", () => (leaving = true));
  window.addEventListener("pageshow", () => (leaving = false));
  onNews((news) => {
    if (news.kind === "person" && (!me || news.id !== me.id) && !leaving) location.reload();
  });
}
