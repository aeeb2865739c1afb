/**
 * Several people at one sheet: asks what the others changed while the page is in sight, and says where its reader is.
 */

const EVERY = 1_500;
const LONGEST_WAIT = 30_000;
const SAID_EVERY = 10_000;
const SAID_AT_MOST_EVERY = 5_000;
const TIMEOUT = 10_000;

export class Live {
  #form; #version; #tell; #tag = ""; #timer; #asking = false; #pause = EVERY; #over = false; #at = ""; #said = -Infinity; #saying;

  /** `version` answers which version of the sheet the page shows; `tell` takes the parts of the page that moved. */
  constructor(form, version, tell) {
    this.#form = form;
    this.#version = version;
    this.#tell = tell;
  }

  begin() {
    document.addEventListener("visibilitychange", () => this.#look());
    this.#form.addEventListener("focusin", ({ target }) => {
      const at = target.closest("[data-statement]")?.dataset.statement ?? "";
      if (at !== this.#at) { this.#at = at; this.#say(); }
    });
    setInterval(() => { if (!document.hidden) this.#say(); }, SAID_EVERY);
    this.#say();
    this.#look();
  }

  #look() {
    clearTimeout(this.#timer);
    if (document.hidden || this.#over || this.#asking) return;
    this.#timer = setTimeout(() => this.#ask(), this.#pause);
  }

  async #ask() {
    this.#asking = true;
    try {
      const headers = { Accept: "application/json", ...(this.#tag && { "If-None-Match": this.#tag }) };
      const answer = await fetch(`${this.#form.dataset.live}/changes?since=${this.#version()}`, { headers, cache: "no-store", redirect: "error", signal: AbortSignal.timeout(TIMEOUT) });
      const text = await answer.text();
      // Signed out, or no longer of the team: the next save tells it; asking again would not.
      if ([401, 403, 404].includes(answer.status)) this.#over = true;
      else if (answer.status === 200 && text.includes('id="present"')) {
        this.#tag = answer.headers.get("ETag") ?? "";
        this.#tell(new DOMParser().parseFromString(text, "text/html"));
      }
      this.#pause = answer.ok || answer.status === 304 ? EVERY : Math.min(this.#pause * 2, LONGEST_WAIT);
    } catch {
      this.#pause = Math.min(this.#pause * 2, LONGEST_WAIT);
    }
    this.#asking = false;
    this.#look();
  }

  /** Says where the reader is, now or as soon as it may be said again. */
  #say() {
    clearTimeout(this.#saying);
    if (this.#over) return;
    const early = this.#said + SAID_AT_MOST_EVERY - performance.now();
    if (early > 0) { this.#saying = setTimeout(() => this.#say(), early); return; }
    this.#said = performance.now();
    const body = new URLSearchParams({ person: this.#form.dataset.person, at: this.#at });
    fetch(`${this.#form.dataset.live}/presence`, { method: "POST", body, headers: { Accept: "application/json" }, redirect: "error" }).catch(() => null);
  }
}
