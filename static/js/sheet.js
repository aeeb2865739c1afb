/**
 * The sheet in a browser with script: every answer is saved as it is given, and moving between categories needs no
 * server. Without script the same form works by its buttons.
 */
import { Outbox } from "./outbox.js";

const form = document.getElementById("sheet");
const state = document.getElementById("save-state");
const outbox = new Outbox(form.dataset.home, form.elements.sheet.value);
const PAUSE = 1200;
let base = Number(form.elements.base.value);
const typing = new Map();

const statementOf = (element) => element.closest("[data-statement]");
const byKey = (key) => document.getElementById(`statement-${key}`);
const radios = (statement) => [...statement.querySelectorAll("input[type=radio]")];
const valueOf = (statement) => radios(statement).find((radio) => radio.checked)?.value ?? "";
const textOf = (statement, part) => statement.querySelector(`[name="${statement.dataset.statement}.${part}"]`);

/* What the page shows. */

function show(statement, { value, reason, note }) {
  if (value !== undefined) for (const radio of radios(statement)) radio.checked = radio.value === value;
  if (reason !== undefined) textOf(statement, "reason").value = reason;
  if (note !== undefined && document.activeElement !== textOf(statement, "note")) textOf(statement, "note").value = note;
}

/** The same rule as the server's quick pick, so that the page is right before the server has answered. */
function showPick(section, level) {
  for (const statement of section.querySelectorAll("[data-gate]")) {
    show(statement, { value: Number(statement.dataset.gate) <= level ? "1" : "0", reason: "" });
  }
  for (const button of section.querySelectorAll("[name=pick]")) {
    const picked = button.value.endsWith(`.${level}`);
    button.setAttribute("aria-pressed", picked);
    button.querySelector(".word").textContent = picked ? button.dataset.picked : button.dataset.pick;
  }
}

function showEntry({ fields }) {
  for (const [name, value] of fields) {
    if (name === "pick") {
      const [category, level] = value.split(".");
      showPick(document.getElementById(`category-${category}`), Number(level));
    } else if (name !== "undo") {
      const [key, part = "value"] = name.split(".");
      const statement = byKey(key);
      if (statement) show(statement, { [part]: value });
    }
  }
}

function problem(statement, text) {
  document.getElementById(`problem-${statement.dataset.statement}`).textContent = text;
}

function showState(name) {
  const count = outbox.waiting.length;
  if (state.dataset.state === name && name === "saving") return;
  state.dataset.state = name;
  if (name === "saved") {
    const now = new Date();
    const time = document.createElement("time");
    time.dateTime = now.toISOString();
    time.textContent = now.toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
    state.replaceChildren(`${state.dataset.saved} `, time);
  } else {
    state.textContent = state.dataset[outbox.keeps || name !== "offline" ? name : "unkept"].replace("{count}", count);
  }
}

/** Puts the parts of an answer in their places by id. Focus stays where the reader has it. */
function swap(html) {
  const focused = document.activeElement?.id;
  const answer = new DOMParser().parseFromString(html, "text/html");
  for (const part of [...answer.body.children]) {
    const place = part.id && document.getElementById(part.id);
    if (place) place.replaceWith(part);
  }
  if (focused && document.activeElement?.id !== focused) document.getElementById(focused)?.focus({ preventScroll: true });
  markCurrent();
  openDeciding();
  return answer.querySelector("template");
}

/** The rung that the level waits for opens by itself; what the reader opened stays open. */
function openDeciding() {
  for (const state of form.querySelectorAll(".rung-state.deciding")) state.closest("details").open = true;
}

/** Takes over what changed since this page was made, except where the reader's own word still waits. */
function takeOver(changes) {
  const waiting = new Set(outbox.entries().flatMap((entry) => entry.touches));
  for (const change of changes.content.children) {
    const { statement, value, reason, note } = change.dataset;
    const place = byKey(statement);
    if (place && !waiting.has(statement)) {
      show(place, { value, reason, note });
      problem(place, "");
    }
  }
  base = Math.max(base, Number(changes.dataset.version));
  form.elements.base.value = base;
}

/* What the reader does. */

function give(statement) {
  const key = statement.dataset.statement;
  const value = valueOf(statement);
  const reason = textOf(statement, "reason").value.trim();
  if (value === "not_applicable" && !reason) {
    textOf(statement, "reason").focus();
    return;
  }
  problem(statement, "");
  const fields = [[key, value]];
  if (value === "not_applicable") fields.push([`${key}.reason`, reason]);
  outbox.add(fields, [key], base);
}

function giveNote(statement) {
  const key = statement.dataset.statement;
  clearTimeout(typing.get(key));
  if (!typing.delete(key)) return;
  outbox.add([[`${key}.note`, textOf(statement, "note").value]], [key], base);
}

function noteLater(statement) {
  const key = statement.dataset.statement;
  clearTimeout(typing.get(key));
  typing.set(key, setTimeout(() => giveNote(statement), PAUSE));
}

function pick(button) {
  const [category, level] = button.value.split(".");
  const section = document.getElementById(`category-${category}`);
  showPick(section, Number(level));
  outbox.add([["pick", button.value]], [...section.querySelectorAll("[data-statement]")].map((each) => each.dataset.statement), base);
  const next = nextCategory(category);
  if (next) go(next, true);
  else document.getElementById("go-result").focus();
}

/** The next category that is not complete, looking on from this one and round. */
function nextCategory(category) {
  const steps = [...document.querySelectorAll("#rail [data-complete]")];
  const here = steps.findIndex((step) => step.value === category);
  const others = [...steps.slice(here + 1), ...steps.slice(0, here)];
  return others.find((step) => step.dataset.complete === "no")?.value;
}

function flushNotes() { for (const key of [...typing.keys()]) giveNote(byKey(key)); }

function current() { return form.querySelector(".category:not([hidden])").dataset.category; }

function markCurrent() {
  for (const step of document.querySelectorAll("#rail [data-complete]")) {
    if (step.value === current()) step.setAttribute("aria-current", "step");
    else step.removeAttribute("aria-current");
  }
}

function go(category, push) {
  for (const section of form.querySelectorAll(".category")) section.hidden = section.dataset.category !== category;
  markCurrent();
  const heading = document.getElementById(`name-${category}`);
  document.title = `${heading.textContent} · ${document.title.split(" · ").slice(1).join(" · ")}`;
  if (push) history.pushState({ category }, "", `${form.dataset.home}/category/${category}`);
  heading.focus({ preventScroll: true });
  scrollTo({ top: 0 });
}

async function goToResult() {
  if (await outbox.sent(4000)) location.assign(`${form.dataset.home}/result`);
  else showState("offline");
}

function pressed(button) {
  flushNotes();
  const { name, value } = button;
  if (name === "pick") pick(button);
  else if (name === "undo") {
    const [category] = value.split(".");
    const section = document.getElementById(`category-${category}`);
    outbox.add([["undo", value]], [...section.querySelectorAll("[data-statement]")].map((each) => each.dataset.statement), base);
  } else if (name === "clear") {
    const statement = byKey(value);
    show(statement, { value: "", reason: "" });
    give(statement);
  } else if (value === "result") goToResult();
  else if (value !== current()) go(value, true);
}

function settle(button) {
  const { of: key, value, reason, note, version } = button.closest(".differing").dataset;
  if (button.dataset.choose === "mine") outbox.insist(key, Number(version));
  else {
    outbox.forget(key);
    show(byKey(key), { value, reason, note });
    showState(outbox.waiting.length ? "saving" : "saved");
  }
  byKey(key).querySelector(".differing").replaceChildren();
  radios(byKey(key)).find((radio) => radio.checked)?.focus();
}

/* What the outbox tells. */

function answered({ detail: { entry, status, html } }) {
  if (status === 200 || status === 409) takeOver(swap(html));
  else problem(byKey(entry.touches[0]), html);
  if (status === 200) showState(outbox.waiting.length ? "saving" : "saved");
  else showState("refused");
}

form.addEventListener("change", ({ target }) => {
  const statement = statementOf(target);
  if (!statement) return;
  if (target.type === "radio" || target.name.endsWith(".reason")) give(statement);
  else if (target.name.endsWith(".note")) giveNote(statement);
});
form.addEventListener("input", ({ target }) => { if (target.name?.endsWith(".note")) noteLater(statementOf(target)); });
form.addEventListener("submit", (event) => { event.preventDefault(); if (event.submitter) pressed(event.submitter); });
form.addEventListener("click", ({ target }) => { const button = target.closest("[data-choose]"); if (button) settle(button); });
addEventListener("pagehide", flushNotes);
addEventListener("popstate", () => go(location.pathname.split("/category/")[1] ?? current(), false));

outbox.addEventListener("kept", () => showState(outbox.waiting.length ? "saving" : "saved"));
outbox.addEventListener("empty", () => showState("saved"));
outbox.addEventListener("offline", () => showState("offline"));
outbox.addEventListener("elsewhere", ({ detail }) => showEntry(detail));
outbox.addEventListener("answered", answered);

for (const section of form.querySelectorAll(".category")) section.disabled = false;
document.documentElement.classList.add("script");
for (const entry of outbox.entries()) showEntry(entry);
outbox.drain();
