/** The page of exports: asks how far they are as long as one is under way and the page is in sight. */

const EVERY = 1_500;
const LONGEST_WAIT = 30_000;
const TIMEOUT = 10_000;

const said = document.getElementById("exports-said");
let tag = "";
let pause = EVERY;
let timer;

const list = () => document.getElementById("exports");
const underWay = () => "underWay" in list().dataset;

/** Takes over what moved, one export after the other, so that focus stays where the reader has it. */
function show(text) {
  const told = new DOMParser().parseFromString(text, "text/html").getElementById("exports");
  if (!told) return;
  const before = Number(list().dataset.ready);
  const cards = [...told.querySelectorAll("li.export")];
  if (cards.length !== list().querySelectorAll("li.export").length) list().replaceWith(document.adoptNode(told));
  else {
    for (const card of cards) replace(document.getElementById(card.id), card);
    list().dataset.ready = told.dataset.ready;
    list().toggleAttribute("data-under-way", "underWay" in told.dataset);
  }
  if (Number(told.dataset.ready) > before) said.textContent = said.dataset.said;
}

function replace(card, told) {
  if (!card || card.outerHTML === told.outerHTML) return;
  const focused = card.contains(document.activeElement);
  const here = document.adoptNode(told);
  card.replaceWith(here);
  if (focused) here.querySelector("a, button")?.focus({ preventScroll: true });
}

async function ask() {
  try {
    const headers = { "Shortstave-Fragment": "1", ...(tag && { "If-None-Match": tag }) };
    const answer = await fetch(location.pathname, { headers, cache: "no-store", redirect: "error", signal: AbortSignal.timeout(TIMEOUT) });
    if ([401, 403, 404].includes(answer.status)) return;
    if (answer.status === 200) {
      show(await answer.text());
      tag = answer.headers.get("ETag") ?? "";
    }
    pause = answer.ok || answer.status === 304 ? EVERY : Math.min(pause * 2, LONGEST_WAIT);
  } catch {
    pause = Math.min(pause * 2, LONGEST_WAIT);
  }
  look();
}

function look() {
  clearTimeout(timer);
  if (!document.hidden && underWay()) timer = setTimeout(ask, pause);
}

document.addEventListener("visibilitychange", look);
look();
