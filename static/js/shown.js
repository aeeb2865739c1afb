/** What the sheet's page shows: answers, picks, problems, the save state, and the parts that the server sends. */

export const form = document.getElementById("sheet");
const state = document.getElementById("save-state");

export const byKey = (key) => document.getElementById(`statement-${key}`);
export const section = (category) => document.getElementById(`category-${category}`);
export const radios = (statement) => [...statement.querySelectorAll("input[type=radio]")];
export const valueOf = (statement) => radios(statement).find((radio) => radio.checked)?.value ?? "";
export const textOf = (statement, part) => statement.querySelector(`[name="${statement.dataset.statement}.${part}"]`);
export const statementsOf = (category) => [...section(category).querySelectorAll("[data-statement]")].map((each) => each.dataset.statement);
export const current = () => form.querySelector(".category:not([hidden])").dataset.category;

export function show(statement, { value, reason, note }) {
  if (value !== undefined) for (const radio of radios(statement)) radio.checked = radio.value === value;
  for (const [part, text] of Object.entries({ reason, note })) {
    const field = textOf(statement, part);
    // What is answered above has no fields.
    if (field && text !== undefined) field.value = text;
  }
}

export function showPressed(category, level) {
  for (const button of section(category).querySelectorAll("[name=pick]")) {
    const picked = button.value.endsWith(`.${level}`);
    button.setAttribute("aria-pressed", picked);
    button.querySelector(".word").textContent = picked ? button.dataset.picked : button.dataset.pick;
  }
}

/** The same rule as the server's quick pick, so that the page is right before the server has answered. */
export function showPick(category, level) {
  for (const statement of section(category).querySelectorAll("[data-gate]")) {
    show(statement, { value: Number(statement.dataset.gate) <= level ? "1" : "0", reason: "" });
  }
  showPressed(category, level);
}

/** What an entry of the outbox asks for, as the page stands once it is saved. An undone pick only the server knows. */
export function showEntry({ fields }) {
  for (const [name, value] of fields) {
    const [key, part = "value"] = name.split(".");
    const [category, level] = value.split(".");
    if (name === "pick" && section(category)) showPick(category, Number(level));
    else if (byKey(key)) show(byKey(key), { [part]: value });
  }
}

export function problem(key, text) {
  const place = document.getElementById(`problem-${key}`);
  if (place && place.textContent !== text) place.textContent = text;
}

/** Nothing is wrong with a statement any more. */
export function settled(key) {
  problem(key, "");
  document.getElementById(`differing-${key}`).replaceChildren();
}

/** Says something about a whole category, at its top; nothing where there is nothing to say. */
export function tell(category, text = "") { document.getElementById(`told-${category}`).textContent = text; }

/** Opens whatever is folded around a place. */
export function unfold(place) {
  for (let folded = place?.closest("details:not([open])"); folded; folded = folded.closest("details:not([open])")) folded.open = true;
}

/** `named` replaces {count} and {name} in the words of the state. */
export function showState(name, named = {}) {
  if (name === "saving" && state.dataset.state === name) return;
  state.dataset.state = name;
  const words = Object.entries(named).reduce((text, [word, value]) => text.replace(`{${word}}`, value), state.dataset[name]);
  if (name !== "saved") {
    if (state.textContent !== words) state.textContent = words;
    return;
  }
  const now = new Date();
  const time = document.createElement("time");
  time.dateTime = now.toISOString();
  time.textContent = now.toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  state.replaceChildren(`${words} `, time);
}

export function markCurrent() {
  for (const step of document.querySelectorAll("#rail [data-complete]")) {
    if (step.value === current()) step.setAttribute("aria-current", "step");
    else step.removeAttribute("aria-current");
  }
}

/** The next category that is neither complete nor picked just now, looking on from this one and round. */
export function nextCategory(category, picked) {
  const steps = [...document.querySelectorAll("#rail [data-complete]")];
  const here = steps.findIndex((step) => step.value === category);
  const others = [...steps.slice(here + 1), ...steps.slice(0, here)];
  return others.find((step) => step.dataset.complete === "no" && !picked.has(step.value))?.value;
}

/** Puts parts in their places by id. Focus stays where the reader has it, or as near as can be. */
export function swap(parts) {
  const around = [];
  for (let at = document.activeElement; at && at !== document.body; at = at.parentElement) if (at.id) around.push(at.id);
  const decided = new Set([...form.querySelectorAll(".rung-state.deciding")].map((each) => each.id));
  for (const part of parts) {
    const place = part.id && document.getElementById(part.id);
    if (place) place.replaceWith(document.adoptNode(part));
  }
  if (around.length) keepFocus(around);
  markCurrent();
  for (const undo of form.querySelectorAll("[name=undo]")) showPressed(undo.value.split(".")[0], undo.dataset.picked);
  // The rung that the level waits for opens by itself; what the reader opened or closed stays so.
  for (const each of form.querySelectorAll(".rung-state.deciding")) if (!decided.has(each.id)) each.closest("details").open = true;
}

function keepFocus(around) {
  for (const id of around) {
    if (document.activeElement !== document.body) return;
    const place = document.getElementById(id);
    place?.focus({ preventScroll: true });
    if (document.activeElement === document.body) place?.querySelector("[tabindex], input:checked, button:enabled")?.focus({ preventScroll: true });
  }
}
