/**
 * The outbox keeps what was given until the server has it: over a lost network, a reload, a restart of the browser.
 *
 * Each thing asked for is one entry under a key of its own in local storage, never written twice, so that two tabs
 * never write over each other; keys sort in the order of the clicks. An entry carries an id by which the server
 * recognises it when it comes again: two tabs may send the same one, and it counts once. Entries belong to the address
 * of one sheet and are sent nowhere else.
 */

const TIMEOUT = 20_000;
const FIRST_WAIT = 500;
const LONGEST_WAIT = 15_000;
const LONGEST_ASKED = 60_000;
/** How long a tab leaves what another one was given to that other one, in case it was closed before it could send. */
const GRACE = 3_000;
/** Browsers send at most 64 KiB for a page that is already gone. */
const OUTLIVES = 60_000;
/** What every answer of the server to an entry begins with; other pages with status 200 come from a network's portal. */
const FRAGMENT = "<template data-version";

/** Random letters that name one entry or one browser; crypto.randomUUID is missing outside https and localhost. */
const newId = () => [...crypto.getRandomValues(new Uint8Array(16))].map((n) => n.toString(16).padStart(2, "0")).join("");

/** Whether an entry is about one statement; else it is a pick or its undoing, about a whole category. */
export const ofStatement = ({ fields, touches }) => fields[0][0].split(".")[0] === touches[0];

function tried(action) { try { return action(); } catch { return null; } }

export class Outbox extends EventTarget {
  #home; #sheet; #person; #prefix; #storage; #sending = false; #away = false; #asked = false; #stopped = ""; #wake = () => {};
  #memory = new Map();
  #refused = new Set();

  /**
   * `home` is the address that the sheet's pages begin with, `sheet` the number that every entry is checked against, and
   * `person` who is signed in, if anybody: what one person gave waits for them, whoever signs in here next.
   */
  constructor(home, sheet, person = "") {
    super();
    this.#home = home;
    this.#sheet = sheet;
    this.#person = person;
    this.#prefix = `shortstave:${home}:${person ? `of ${person}:` : ""}`;
    this.#storage = tried(() => localStorage);
    const again = () => { this.#wake(); this.drain(); };
    addEventListener("online", again);
    addEventListener("pageshow", again);
    document.addEventListener("visibilitychange", () => { if (!document.hidden) again(); });
    addEventListener("storage", (event) => this.#elsewhere(event));
  }

  /** One name for all tabs of this browser: they see each other's entries and so never contradict each other unseen. */
  #client() {
    const key = `${this.#prefix}client`;
    const known = tried(() => this.#storage.getItem(key)) ?? this.#memory.get(key);
    if (known) return known;
    this.#write(key, newId());
    return this.#client();
  }

  #keys() {
    const begins = `${this.#prefix}entry:`;
    return [...Object.keys(this.#storage ?? {}), ...this.#memory.keys()].filter((key) => key.startsWith(begins)).sort();
  }

  #read(key) { return tried(() => ({ ...JSON.parse(this.#memory.get(key) ?? this.#storage.getItem(key)), key })); }

  #write(key, text) {
    if (!tried(() => { this.#storage.setItem(key, text); return true; })) this.#memory.set(key, text);
  }

  #remove(key) {
    this.#refused.delete(key);
    if (!this.#memory.delete(key)) this.#storage?.removeItem(key);
  }

  /** What is not saved, oldest first: it waits, or was refused and the reader has not settled it yet. */
  entries() { return this.#keys().map((key) => this.#read(key)).filter((entry) => entry?.id); }

  get waiting() { return this.entries().filter((entry) => !this.#refused.has(entry.key)); }

  get refused() { return this.entries().filter((entry) => this.#refused.has(entry.key)); }

  /** Whether all that is not saved would outlive this page. */
  get keeps() { return !this.#keys().some((key) => this.#memory.has(key)); }

  /** One of saved, saving, offline, unkept (offline, and this page alone holds it), refused, gone, forbidden. */
  get state() {
    if (this.#stopped) return this.#stopped;
    if (this.waiting.length) return this.#away ? (this.keeps ? "offline" : "unkept") : "saving";
    return this.refused.length ? "refused" : "saved";
  }

  #changed() { this.dispatchEvent(new Event("change")); }

  /**
   * Keeps an entry and begins to send: `fields` as the form would post them, `touches` the statements it is about.
   * It is based on no later version than what still waits for the same statements: of those the page shows the
   * reader's own word, and not what others said meanwhile.
   */
  add(fields, touches, base) {
    for (const entry of this.refused) if (entry.fields[0][0] === fields[0][0]) this.#remove(entry.key);
    const overlapping = this.waiting.filter((entry) => entry.touches.some((each) => touches.includes(each)));
    const entry = { id: newId(), fields, touches, base: Math.min(base, ...overlapping.map((each) => each.base)) };
    this.#write(this.#nextKey(), JSON.stringify(entry));
    // A server that asked for a pause gets it; a network that was away may well be back with the next click.
    if (!this.#asked) this.#wake();
    this.#changed();
    this.drain();
  }

  /** Later than all that is kept, even when the clock was set back. */
  #nextKey() {
    const last = Number(this.#keys().at(-1)?.split("entry:")[1].slice(0, 15) ?? 0);
    return `${this.#prefix}entry:${String(Math.max(Date.now(), last + 1)).padStart(15, "0")}:${newId()}`;
  }

  #about(statement) { return this.entries().filter((entry) => ofStatement(entry) && entry.touches[0] === statement); }

  /** Takes back whatever is not saved of a statement: the reader decided for what stands there. */
  forget(statement) {
    for (const entry of this.#about(statement)) this.#remove(entry.key);
    this.#changed();
  }

  /** A reader who is told that two answers differ has seen the other one: the same is asked again on that footing. */
  insist(statement, base) {
    const about = this.#about(statement);
    for (const entry of about) this.#remove(entry.key);
    for (const entry of about) this.add(entry.fields, entry.touches, base);
  }

  /** Resolves true when nothing waits any more, false when that takes longer than `ms`. */
  async sent(ms) {
    const until = performance.now() + ms;
    while (this.waiting.length && !this.#stopped && performance.now() < until) {
      await new Promise((done) => {
        this.addEventListener("change", done, { once: true });
        setTimeout(done, until - performance.now());
      });
    }
    return this.waiting.length === 0;
  }

  /** Sends what waits, in order, until nothing does. */
  async drain() {
    if (this.#sending || this.#stopped) return;
    this.#sending = true;
    let pause = FIRST_WAIT;
    for (let [entry] = this.waiting; entry && !this.#stopped; [entry] = this.waiting) {
      const answer = await this.#post(entry);
      this.#away = answer.again ?? false;
      this.#asked = this.#away && answer.after !== undefined;
      if (this.#away) {
        this.#changed();
        await this.#pause(answer.after ?? pause);
        pause = Math.min(pause * 2, LONGEST_WAIT);
      } else {
        pause = FIRST_WAIT;
        this.#settle(entry, answer);
      }
    }
    this.#sending = false;
  }

  #pause(ms) { return new Promise((done) => { this.#wake = done; setTimeout(done, ms); }); }

  #settle(entry, answer) {
    if (answer.stopped) {
      this.#stopped = answer.stopped;
    } else {
      const settledElsewhere = !this.#read(entry.key)?.id;
      // What is refused of one statement stays until the reader settles it; of a category it is told, and gone.
      if (answer.status !== 200 && ofStatement(entry)) this.#refused.add(entry.key);
      else this.#remove(entry.key);
      if (answer.status === 200 || !settledElsewhere) this.dispatchEvent(new CustomEvent("answered", { detail: { entry, ...answer } }));
    }
    this.#changed();
  }

  /**
   * One request. Network trouble, a portal in between, an overloaded or restarting server: again later. A sheet that is
   * gone or not ours any more: nothing is sent from here on, and nothing thrown away. The rest is an answer.
   */
  async #post(entry) {
    const more = { mutation: entry.id, client: this.#client(), base: entry.base, sheet: this.#sheet, ...(this.#person && { person: this.#person }) };
    const body = new URLSearchParams([...entry.fields, ...Object.entries(more)]);
    const headers = { "Shortstave-Fragment": "1", Accept: "application/json" };
    const keepalive = String(body).length < OUTLIVES;
    try {
      const answer = await fetch(`${this.#home}/answers`, { method: "POST", body, headers, keepalive, signal: AbortSignal.timeout(TIMEOUT), redirect: "error" });
      const { status } = answer;
      const text = await answer.text();
      if (status >= 500 || [408, 425, 429].includes(status)) return { again: true, after: pauseAskedBy(answer) };
      if ([401, 403].includes(status)) return { stopped: "forbidden" };
      if ([404, 410].includes(status)) return { stopped: "gone" };
      if (text.includes(FRAGMENT)) return { status, html: text };
      return answer.ok ? { again: true } : { status, sentence: sentence(answer, text) };
    } catch {
      return { again: true };
    }
  }

  #elsewhere({ key, newValue }) {
    if (key !== null && !key.startsWith(`${this.#prefix}entry:`)) return;
    this.dispatchEvent(new CustomEvent("elsewhere", { detail: newValue && JSON.parse(newValue) }));
    this.#changed();
    if (newValue) setTimeout(() => this.drain(), GRACE);
  }
}

/** Milliseconds, or undefined where the server asks for nothing that can be read. */
function pauseAskedBy(answer) {
  const asked = answer.headers.get("Retry-After");
  const ms = asked === null ? NaN : /^\d+$/.test(asked) ? Number(asked) * 1000 : Date.parse(asked) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, FIRST_WAIT), LONGEST_ASKED);
}

/** Why it was refused: a plain sentence, or the detail of a problem (RFC 9457). */
function sentence(answer, text) {
  const problem = answer.headers.get("Content-Type")?.includes("json") ? tried(() => JSON.parse(text)) : null;
  return problem ? problem.detail : text.slice(0, 300);
}
