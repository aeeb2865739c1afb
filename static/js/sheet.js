/**
 * The sheet in a browser with script: every answer is saved as it is given, and moving between categories needs no
 * server. Without script the same form works by its buttons.
 */
import { Outbox, ofStatement } from "./outbox.js";
import * as page from "./shown.js";
import { Live } from "./live.js";

const { form, byKey, textOf, valueOf } = page;
const outbox = new Outbox(form.dataset.home, form.elements.sheet.value, form.dataset.person);
const PAUSE = 1200;
let base = Number(form.elements.base.value);

/** What the reader is at and has not given yet, by field: the version of the sheet it began on, and a timer. */
const begun = new Map();

/** Categories whose refused pick the reader has not been shown yet. */
const told = new Set();

const statementOf = (element) => element.closest("[data-statement]");

/* What the reader does. */

function giveValue(statement) {
  const key = statement.dataset.statement;
  const value = valueOf(statement);
  const reason = textOf(statement, "reason").value.trim();
  if (value === "not_applicable" && !reason) {
    begin(key);
    return;
  }
  const fields = [[key, value]];
  if (value === "not_applicable") fields.push([`${key}.reason`, reason]);
  give(fields, key);
}

/** While two answers differ nothing is sent by the way: leaving the field for a button of the notice is no answer. */
const differs = (statement) => statement.querySelector(".differing .notice") !== null;

function giveReason(statement, anyway) { if (anyway || !differs(statement)) giveValue(statement); }

function giveNote(statement, anyway) {
  if (differs(statement) && !anyway) return;
  const key = statement.dataset.statement;
  give([[`${key}.note`, textOf(statement, "note").value]], key);
}

function give(fields, key) {
  outbox.add(fields, [key], finish(fields[0][0]));
  if (!outbox.refused.some(({ touches }) => touches.includes(key))) page.settled(key);
}

/** From the first letter on the reader's word stands against the version seen then, whatever comes in meanwhile. */
function begin(field, later) {
  const known = begun.get(field);
  clearTimeout(known?.timer);
  begun.set(field, { base: known?.base ?? base, give: later, timer: later && setTimeout(() => later(false), PAUSE) });
  showState();
}

/** The version that what is given now is based on. */
function finish(field) {
  const known = begun.get(field);
  clearTimeout(known?.timer);
  begun.delete(field);
  return known?.base ?? base;
}

function giveAllBegun() { for (const { give } of [...begun.values()]) give?.(true); }

function pick(button) {
  const [category, level] = button.value.split(".");
  for (const key of page.statementsOf(category)) finish(key);
  told.delete(category);
  page.tell(category);
  page.showPick(category, Number(level));
  outbox.add([["pick", button.value]], page.statementsOf(category), base);
  const next = page.nextCategory(category, picksWaiting());
  if (next) go(next, true);
  else document.getElementById("go-result").focus();
}

function picksWaiting() {
  const picks = outbox.waiting.map(({ fields: [first] }) => first).filter(([name]) => name === "pick");
  return new Map(picks.map(([, value]) => value.split(".")));
}

/** One statement as category.statement, or a category with all of its carried answers. */
function confirmCarried(value) {
  const [category, key] = value.split(".");
  outbox.add([["confirm", value]], key ? [key] : page.statementsOf(category), base);
}

function clear(key) {
  page.show(byKey(key), { value: "", reason: "" });
  giveValue(byKey(key));
  // The button hides with the answer that it took back.
  page.radios(byKey(key))[0].focus();
}

function go(category, push) {
  for (const each of form.querySelectorAll(".category")) each.hidden = each.dataset.category !== category;
  page.markCurrent();
  told.delete(category);
  const heading = document.getElementById(`name-${category}`);
  document.title = `${heading.textContent} · ${document.title.split(" · ").slice(1).join(" · ")}`;
  if (push) history.pushState({ category }, "", `${form.dataset.home}/category/${category}`);
  heading.focus({ preventScroll: true });
  scrollTo({ top: 0 });
}

async function goToResult() {
  if (await outbox.sent(4000)) location.assign(`${form.dataset.home}/result`);
}

function pressed({ name, value }) {
  giveAllBegun();
  if (name === "pick") pick({ value });
  else if (name === "undo") outbox.add([["undo", value]], page.statementsOf(value.split(".")[0]), base);
  else if (name === "confirm") confirmCarried(value);
  else if (name === "clear") clear(value);
  else if (value === "result") goToResult();
  else if (value && value !== page.current()) go(value, true);
}

function settle(button) {
  const { of: key, value, reason, note, version } = button.closest(".differing").dataset;
  if (button.dataset.choose === "mine") {
    giveAllBegun();
    outbox.insist(key, Number(version));
  } else {
    finish(key);
    finish(`${key}.note`);
    outbox.forget(key);
    page.show(byKey(key), { value, reason, note });
  }
  page.settled(key);
  const answers = page.radios(byKey(key));
  (answers.find((radio) => radio.checked) ?? answers[0]).focus();
}

/* What the server and other tabs tell. */

/** The fields on which the reader's own word is not saved yet. */
function own() {
  const unsaved = outbox.entries().flatMap((entry) => ofStatement(entry) ? [entry.fields[0][0]] : entry.touches);
  return new Set([...begun.keys(), ...unsaved]);
}

/** Takes over what changed since this page was made, except where the reader's own word still stands against it. */
function takeOver(changes, version) {
  const kept = own();
  for (const { statement, value, reason, note } of changes) {
    if (!byKey(statement)) continue;
    if (!kept.has(statement)) page.show(byKey(statement), { value, reason });
    if (!kept.has(`${statement}.note`)) page.show(byKey(statement), { note });
    if (!kept.has(statement) && !kept.has(`${statement}.note`)) page.problem(statement, "");
  }
  base = Math.max(base, version);
  form.elements.base.value = base;
  for (const [category, level] of picksWaiting()) page.showPressed(category, level);
}

/** What others did meanwhile; an answer that is older than what this page knows already tells nothing new. */
function changedByOthers(parts) {
  const changes = parts.querySelector("template[data-version]");
  const version = Number(changes?.dataset.version ?? -1);
  const pieces = [...parts.body.children].filter(({ id }) => id);
  page.swap(pieces.filter(({ id }) => id === "present" || (version > base && !id.startsWith("differing-"))));
  if (version > base) takeOver([...changes.content.children].map((each) => each.dataset), version);
}

function answered({ detail: { entry, status, html, sentence } }) {
  if (html) {
    const parts = new DOMParser().parseFromString(html, "text/html");
    const changes = parts.querySelector("template[data-version]");
    // A refused pick is told as a whole, not statement by statement.
    page.swap([...parts.body.children].filter(({ id }) => id && (ofStatement(entry) || !id.startsWith("differing-"))));
    takeOver([...changes.content.children].map((each) => each.dataset), Number(changes.dataset.version));
  }
  if (status === 200) return;
  if (ofStatement(entry)) refused(entry, sentence);
  else refusedPick(entry.fields[0][1].split(".")[0], sentence);
}

function refused({ fields: [[field]], touches: [key] }, sentence) {
  // It is gone, or has no fields any more because it is answered above.
  if (!byKey(key)?.dataset.statement) outbox.forget(key);
  if (sentence) page.problem(key, sentence);
  page.unfold(form.querySelector(`[name="${CSS.escape(field)}"]`));
}

/** What the page showed for it is not saved: the answers come back as they are. */
function refusedPick(category, sentence) {
  if (!page.section(category)) return;
  if (sentence) page.tell(category, sentence);
  if (category !== page.current()) told.add(category);
  refresh(true);
}

/** The page as the server has it now, for what happened in another tab or while this one was out of sight. */
async function refresh(anyway = false) {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
  if (!answer?.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  const version = Number(fresh.querySelector("#sheet [name=base]")?.value ?? -1);
  if (version < base || (version === base && !anyway)) return;
  page.swap(fresh.querySelectorAll("#rail, #standing, #done, [id^=undo-], [id^=state-], [id^=since-], [id^=confirm-]"));
  const changes = [...fresh.querySelectorAll("[data-statement]")].map((statement) => ({
    statement: statement.dataset.statement, value: valueOf(statement),
    reason: textOf(statement, "reason").value, note: textOf(statement, "note").value,
  }));
  takeOver(changes, version);
}

function showState() {
  const fields = [...begun.values()];
  const [refused] = outbox.refused;
  const category = refused ? byKey(refused.touches[0])?.closest(".category").dataset.category : [...told][0];
  const name = category ? document.getElementById(`name-${category}`).textContent : "";
  const saved = fields.some(({ give }) => !give) ? "unfinished" : category ? "refused" : fields.length ? "saving" : "saved";
  page.showState(["saved", "refused"].includes(outbox.state) ? saved : outbox.state, { count: outbox.waiting.length, name });
}

/** Leaving is asked about only when something would be lost by it. */
function askBeforeLeaving(event) { if (!outbox.keeps) event.preventDefault(); }

form.addEventListener("change", ({ target }) => {
  const statement = statementOf(target);
  if (!statement) return;
  if (target.type === "radio") {
    giveValue(statement);
    // With a mouse the next thing is to write; with arrow keys it may be to go on to the next answer.
    if (begun.has(target.name) && !target.matches(":focus-visible")) textOf(statement, "reason").focus();
  } else begun.get(target.name.replace(/\.reason$/, ""))?.give?.();
});
form.addEventListener("input", ({ target }) => {
  const [key, part] = target.name?.split(".") ?? [];
  const statement = statementOf(target);
  if (part === "note") begin(target.name, (anyway) => giveNote(statement, anyway));
  if (part === "reason") begin(key, (anyway) => giveReason(statement, anyway));
});
form.addEventListener("submit", (event) => { event.preventDefault(); if (event.submitter) pressed(event.submitter); });
form.addEventListener("click", ({ target }) => { const button = target.closest("[data-choose]"); if (button) settle(button); });
addEventListener("pagehide", giveAllBegun);
document.addEventListener("visibilitychange", () => { if (document.hidden) giveAllBegun(); else refresh(); });
addEventListener("pageshow", ({ persisted }) => { if (persisted) refresh(); });
addEventListener("popstate", ({ state }) => { if (state?.category) go(state.category, false); });

outbox.addEventListener("change", () => {
  showState();
  if (outbox.keeps) removeEventListener("beforeunload", askBeforeLeaving);
  else addEventListener("beforeunload", askBeforeLeaving);
});
outbox.addEventListener("elsewhere", ({ detail }) => {
  if (!detail) { if (!outbox.waiting.length) refresh(); }
  else if (!detail.touches.some((key) => begun.has(key) || begun.has(`${key}.note`))) page.showEntry(detail);
});
outbox.addEventListener("answered", answered);

if (form.dataset.live) new Live(form, () => base, changedByOthers).begin();
history.replaceState({ category: page.current() }, "");
for (const each of form.querySelectorAll(".category")) each.disabled = false;
document.documentElement.classList.add("script");
if (outbox.entries().length) {
  for (const entry of outbox.entries()) page.showEntry(entry);
  showState();
}
if (location.hash.startsWith("#statement-")) {
  const place = document.getElementById(location.hash.slice(1));
  page.unfold(place);
  place?.scrollIntoView();
}
outbox.drain();
