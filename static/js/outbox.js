/**
 * The outbox keeps what was given until the server has it: over a lost network, a reload, a restart of the browser.
 *
 * Each thing asked for is one entry under a key of its own in local storage, so that two tabs never write over each
 * other; keys sort in the order of the clicks. An entry carries an id by which the server recognises it when it comes
 * again, and the version of the sheet that the reader had seen. Entries belong to the address of one sheet and are
 * sent nowhere else.
 */

const TIMEOUT = 20_000;
const FIRST_WAIT = 500;
const LONGEST_WAIT = 15_000;

const wait = (ms, wake) => new Promise((done) => {
  const timer = setTimeout(done, ms);
  wake.addEventListener("wake", () => { clearTimeout(timer); done(); }, { once: true });
});

/** Random letters that name one entry or one browser; crypto.randomUUID is missing outside https and localhost. */
const newId = () => [...crypto.getRandomValues(new Uint8Array(16))].map((n) => n.toString(16).padStart(2, "0")).join("");

export class Outbox extends EventTarget {
  #home; #sheet; #prefix; #memory = new Map(); #storage; #draining = false; #last = 0;

  /** `home` is the address that the sheet's pages begin with, `sheet` the number that every entry is checked against. */
  constructor(home, sheet) {
    super();
    this.#home = home;
    this.#sheet = sheet;
    this.#prefix = `shortstave:${home}:`;
    this.#storage = this.#tried(() => { localStorage.setItem("shortstave:try", "1"); localStorage.removeItem("shortstave:try"); return localStorage; });
    this.client = this.#client();
    addEventListener("online", () => this.drain());
    addEventListener("pageshow", () => this.drain());
    addEventListener("storage", (event) => this.#elsewhere(event));
    document.addEventListener("visibilitychange", () => { if (!document.hidden) this.drain(); });
    addEventListener("beforeunload", (event) => { if (this.#memory.size) event.preventDefault(); });
  }

  #tried(action) { try { return action(); } catch { return null; } }

  /** One name for all tabs of this browser: they see each other's entries and so never contradict each other unseen. */
  #client() {
    const key = `${this.#prefix}client`;
    const known = this.#storage?.getItem(key);
    const client = known ?? newId();
    if (!known) this.#tried(() => this.#storage?.setItem(key, client));
    return client;
  }

  get keeps() { return this.#storage !== null && this.#memory.size === 0; }

  #keys() {
    const kept = Object.keys(this.#storage ?? {}).filter((key) => key.startsWith(`${this.#prefix}entry:`));
    return [...kept, ...this.#memory.keys()].sort();
  }

  #read(key) {
    const text = this.#memory.get(key) ?? this.#storage?.getItem(key);
    return text ? { ...JSON.parse(text), key } : null;
  }

  #write(key, entry) {
    const text = JSON.stringify(entry);
    if (this.#tried(() => { this.#storage.setItem(key, text); return true; })) this.#memory.delete(key);
    else this.#memory.set(key, text);
  }

  #remove(key) { this.#memory.delete(key); this.#storage?.removeItem(key); }

  /** What waits, oldest first. */
  entries() { return this.#keys().map((key) => this.#read(key)).filter(Boolean); }

  /** Keeps an entry and begins to send: `fields` as the form would post them, `touches` the statements it is about. */
  add(fields, touches, base) {
    const replaced = this.entries().find((entry) => !entry.sent && same(entry.touches, touches) && same(names(entry.fields), names(fields)));
    this.#last = Math.max(Date.now(), this.#last + 1);
    const key = replaced?.key ?? `${this.#prefix}entry:${String(this.#last).padStart(15, "0")}:${newId()}`;
    this.#write(key, { id: replaced?.id ?? newId(), fields, touches, base: replaced?.base ?? base, sent: false });
    this.dispatchEvent(new CustomEvent("kept"));
    this.drain();
  }

  /** Takes back what waits for a statement, after a refusal that the reader has settled. */
  forget(statement) {
    for (const entry of this.entries()) if (entry.refused && entry.touches.includes(statement)) this.#remove(entry.key);
    this.dispatchEvent(new CustomEvent("kept"));
  }

  /** A reader who is told that two answers differ has seen the other one: the same is asked again on that footing. */
  insist(statement, base) {
    for (const entry of this.entries()) {
      if (!entry.refused || !entry.touches.includes(statement)) continue;
      this.#remove(entry.key);
      this.add(entry.fields, entry.touches, base);
    }
  }

  get waiting() { return this.entries().filter((entry) => !entry.refused); }

  /** Resolves true when all is sent, false when that takes longer than `ms`. */
  async sent(ms) {
    const until = Date.now() + ms;
    while (this.waiting.length && Date.now() < until) {
      await Promise.race([this.drain(), wait(until - Date.now(), this)]);
      if (this.waiting.length) await wait(50, this);
    }
    return this.waiting.length === 0;
  }

  /** Sends what waits, in order, one tab at a time where the browser can tell them apart. */
  async drain() {
    this.dispatchEvent(new Event("wake"));
    if (this.#draining || !this.waiting.length) return;
    this.#draining = true;
    try {
      if (navigator.locks) await navigator.locks.request(`${this.#prefix}sending`, () => this.#send());
      else await this.#send();
    } finally {
      this.#draining = false;
    }
  }

  async #send() {
    let pause = FIRST_WAIT;
    for (let [entry] = this.waiting; entry; [entry] = this.waiting) {
      if (!entry.sent) this.#write(entry.key, { ...entry, sent: true, key: undefined });
      const answer = await this.#post(entry);
      if (answer.again) {
        this.dispatchEvent(new CustomEvent("offline"));
        await wait(answer.after ?? pause, this);
        pause = Math.min(pause * 2, LONGEST_WAIT);
        continue;
      }
      pause = FIRST_WAIT;
      // Only a single answer that differs is kept, for the reader to choose; whatever else is refused is told and gone.
      if (answer.status === 409 && entry.touches.length === 1) this.#write(entry.key, { ...entry, refused: true, key: undefined });
      else this.#remove(entry.key);
      this.dispatchEvent(new CustomEvent("answered", { detail: { entry, ...answer } }));
    }
  }

  /** One request. Network trouble, an overloaded or restarting server: again later. Anything else is an answer. */
  async #post(entry) {
    const body = new URLSearchParams(entry.fields);
    for (const [name, value] of Object.entries({ mutation: entry.id, client: this.client, base: entry.base, sheet: this.#sheet })) body.set(name, value);
    try {
      const answer = await fetch(`${this.#home}/answers`, { method: "POST", body, headers: { "Shortstave-Fragment": "1" }, signal: AbortSignal.timeout(TIMEOUT), redirect: "error" });
      const after = Number(answer.headers.get("Retry-After")) * 1000 || undefined;
      if (answer.status >= 500 || answer.status === 429 || answer.status === 408) return { again: true, after };
      // A plain sentence says why the entry was refused for good; only a fragment on 409 leaves the reader a choice.
      const sentence = answer.headers.get("Content-Type")?.startsWith("text/plain");
      return { status: sentence ? 422 : answer.status, html: await answer.text() };
    } catch {
      return { again: true };
    }
  }

  #elsewhere(event) {
    if (!event.key?.startsWith(`${this.#prefix}entry:`)) return;
    if (event.newValue && !event.oldValue) this.dispatchEvent(new CustomEvent("elsewhere", { detail: JSON.parse(event.newValue) }));
    this.dispatchEvent(new CustomEvent(this.waiting.length ? "kept" : "empty"));
  }
}

const names = (fields) => fields.map(([name]) => name);
const same = (one, other) => one.length === other.length && one.every((item, place) => item === other[place]);
