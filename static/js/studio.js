// Saves each field of a draft as soon as it was changed. Without script the form has its button.
const entry = document.getElementById("entry");
const waiting = new Map(); // fields that were changed and are not saved yet, by name
let sending = false;

entry.addEventListener("change", (event) => {
  const field = event.target.closest("[data-field]");
  if (!field) return;
  waiting.set(field.dataset.field, event.target);
  send();
});

// What the button would send is on its way already.
entry.addEventListener("submit", (event) => {
  if (event.target.id !== "fields") return;
  event.preventDefault();
  send();
});

async function send() {
  if (sending || !waiting.size) return;
  sending = true;
  const form = document.getElementById("fields");
  const sent = new Map(waiting);
  waiting.clear();
  const body = new URLSearchParams();
  for (const [name, input] of sent) {
    body.set(input.name, input.value);
    body.set(`seen.${name}`, form.elements[`seen.${name}`].value);
  }
  try {
    const answer = await fetch(form.action, { method: "POST", body, headers: { "Shortstave-Fragment": "1" } });
    if (![200, 409, 422].includes(answer.status)) throw new Error(String(answer.status));
    show(new DOMParser().parseFromString(await answer.text(), "text/html"), answer.ok, sent);
  } catch {
    for (const [name, input] of sent) if (!waiting.has(name)) waiting.set(name, input);
    tell(form.dataset.away);
    sending = false;
    return;
  }
  sending = false;
  send();
}

// What is being typed stays; what stands beside it is brought up to date.
function show(answered, saved, sent) {
  for (const told of answered.querySelectorAll(".told")) {
    const name = told.closest("[data-field]").dataset.field;
    if (!waiting.has(name)) document.getElementById(told.id).replaceChildren(...told.childNodes);
    const input = answered.querySelector(`[name="f.${name}"]`);
    const mine = document.querySelector(`#fields [name="f.${name}"]`);
    mine.toggleAttribute("aria-invalid", input.hasAttribute("aria-invalid"));
    if (!sent.has(name) && !waiting.has(name) && mine !== document.activeElement) mine.value = input.value;
  }
  document.getElementById("draft-bar").replaceWith(answered.getElementById("draft-bar"));
  tell(saved ? document.getElementById("fields").dataset.saved : "");
}

function tell(words) {
  document.getElementById("saved").textContent = words;
}

// Whoever was quicker than this script has changed fields already. The one that they are in tells of itself when left.
function differs(input) {
  if (!input.options) return input.value !== input.defaultValue;
  const first = [...input.options].findIndex((option) => option.defaultSelected);
  return input.selectedIndex !== Math.max(first, 0);
}

for (const field of entry.querySelectorAll("[data-field]")) {
  const input = field.querySelector("[name^='f.']");
  if (input !== document.activeElement && differs(input)) waiting.set(field.dataset.field, input);
}
send();

// Whoever leaves while something waits is asked first.
addEventListener("beforeunload", (event) => {
  if (sending || waiting.size) event.preventDefault();
});
