/** Draws each moment again in the reader's own zone; the page comes in UTC, and says so without script. */

const SHOWN = {
  clock: { hour: "2-digit", minute: "2-digit" },
  day: { dateStyle: "long" },
  moment: { dateStyle: "long", timeStyle: "short" },
};

for (const time of document.querySelectorAll("time[data-shown]")) {
  time.textContent = new Date(time.dateTime).toLocaleString(document.documentElement.lang, SHOWN[time.dataset.shown]);
}
