// Draws the figures of a table beside it. The table has all that the chart shows; without this script nothing is missing.

const BARS = { done: ["#14643a", "#fff"], units: ["#c9d3df", "#1b2430"], waiting: ["#f0c36d", "#1b2430"], overdue: ["#a3161f", "#fff"] };

function bars(series) {
  return Object.entries(BARS).map(([name, [colour, ink]]) => ({
    type: "bar",
    stack: "all",
    data: series[name],
    itemStyle: { color: colour, borderColor: "#fff", borderWidth: 1 },
    label: { show: true, color: ink, formatter: (one) => (one.value ? one.value : "") },
  }));
}

function draw(place) {
  const series = JSON.parse(place.dataset.chart);
  if (!window.echarts || !series.names.length) {
    place.hidden = true;
    return;
  }
  const chart = window.echarts.init(place);
  chart.setOption({
    animation: false,
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
    grid: { left: 8, right: 16, top: 16, bottom: 8, containLabel: true },
    xAxis: { type: "category", data: series.names, axisLabel: { interval: 0, rotate: place.clientWidth < 700 ? 90 : 0 } },
    yAxis: { type: "value", minInterval: 1 },
    series: bars(series),
  });
  new ResizeObserver(() => chart.resize()).observe(place);
}

addEventListener("DOMContentLoaded", () => document.querySelectorAll("[data-chart]").forEach(draw));
