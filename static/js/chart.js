/**
 * Plotly over the radar, where it adds something: hover, zoom, compare. The drawn radar is there before, and stays
 * where Plotly cannot be loaded. Nothing waits for it.
 */

const dark = matchMedia("(prefers-color-scheme: dark)");

const load = (address) => new Promise((done, failed) => {
  const script = document.createElement("script");
  script.src = address;
  script.onload = done;
  script.onerror = failed;
  document.head.append(script);
});

async function draw(place) {
  const figures = await (await fetch(place.dataset.figures)).json();
  const { data, layout, config } = figures[dark.matches ? "dark" : "light"];
  const chart = place.querySelector(".plotly") ?? Object.assign(document.createElement("div"), { className: "plotly" });
  if (!chart.isConnected) place.querySelector(".picture").after(chart);
  await window.Plotly.react(chart, data, layout, config);
  place.dataset.drawn = "plotly";
}

const places = [...document.querySelectorAll("[data-plotly]")];
if (places.length) {
  await load(places[0].dataset.plotly);
  for (const place of places) await draw(place);
  dark.addEventListener("change", () => places.forEach(draw));
}
