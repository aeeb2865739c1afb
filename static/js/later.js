/** Parts of a page that take longer: fetched when the rest stands. Without it the part is a link to its own page. */

for (const part of document.querySelectorAll("[data-later]")) {
  try {
    const headers = { "Shortstave-Fragment": "1", Accept: "text/html" };
    const answer = await fetch(part.dataset.later, { headers, cache: "no-store", redirect: "error" });
    const text = answer.ok ? await answer.text() : "";
    const found = new DOMParser().parseFromString(text, "text/html").getElementById(part.id);
    if (found) part.replaceWith(found);
  } catch {
    // The link stays.
  }
}
