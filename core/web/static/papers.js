// The papers of a case beside its form: one at a time or two side by side, each zoomed and turned by itself. A page works
// without: then all images stand below each other, and every paper has a link.

const NARROWEST = 0.5, WIDEST = 6, STEP = 1.4;
const SHEET = [1000, 1414]; // a page of A4, for what has no size of its own
const list = document.querySelector("[data-papers]"), tools = document.querySelector("[data-paper-tools]");
const papers = list ? [...list.querySelectorAll("[data-paper]")] : [];
let at = 0, meant = 0, pair = false;

function shown() {
  return pair && papers.length > 1 ? [at, at + 1 < papers.length ? at + 1 : at - 1] : [at];
}

// A PDF is loaded when it is shown first.
function thingOf(paper) {
  const turned = paper.querySelector(".sheet-turned");
  if (turned && !turned.firstElementChild) {
    const frame = document.createElement("iframe");
    frame.src = `${paper.dataset.paper}#view=FitH`;
    frame.title = paper.dataset.name;
    turned.append(frame);
  }
  return turned?.firstElementChild;
}

function lay(paper) {
  const thing = thingOf(paper), sheet = paper.querySelector(".sheet");
  if (!thing || !sheet.clientWidth) return;
  if (thing.matches("img") && !thing.naturalWidth) return thing.addEventListener("load", () => lay(paper), { once: true });
  const [wide, high] = thing.naturalWidth ? [thing.naturalWidth, thing.naturalHeight] : SHEET;
  const turn = Number(paper.dataset.turn ?? 0), lies = turn % 180 !== 0;
  const scale = Math.min(sheet.clientWidth / (lies ? high : wide), 1) * Number(paper.dataset.zoom ?? 1);
  const width = Math.round(wide * scale), height = Math.round(high * scale);
  thing.classList.add("is-laid");
  Object.assign(thing.parentElement.style, { width: `${lies ? height : width}px`, height: `${lies ? width : height}px` });
  const moved = { 0: "", 90: `translate(${height}px, 0)`, 180: `translate(${width}px, ${height}px)`, 270: `translate(0, ${width}px)` }[turn];
  Object.assign(thing.style, { width: `${width}px`, height: `${height}px`, transform: `${moved} rotate(${turn}deg)` });
}

function show(index) {
  if (!papers.length) return;
  meant = Math.min(Math.max(index, 0), papers.length - 1);
  if (!shown().includes(meant)) at = meant;
  const seen = shown();
  document.querySelector(".reading").classList.toggle("is-pair", pair);
  papers.forEach((paper, place) => {
    const details = paper.querySelector("details");
    paper.classList.toggle("is-shown", seen.includes(place));
    paper.classList.toggle("is-meant", place === meant);
    if (details.open !== seen.includes(place)) details.open = seen.includes(place);
  });
  for (const place of seen) lay(papers[place]);
  tools.querySelector("output").textContent = `第${meant + 1}份，共${papers.length}份`;
}

const ACTS = {
  before: () => show(meant - 1),
  after: () => show(meant + 1),
  larger: (paper) => { paper.dataset.zoom = Math.min(Number(paper.dataset.zoom ?? 1) * STEP, WIDEST); },
  smaller: (paper) => { paper.dataset.zoom = Math.max(Number(paper.dataset.zoom ?? 1) / STEP, NARROWEST); },
  left: (paper) => { paper.dataset.turn = (Number(paper.dataset.turn ?? 0) + 270) % 360; },
  right: (paper) => { paper.dataset.turn = (Number(paper.dataset.turn ?? 0) + 90) % 360; },
  pair: (_paper, button) => { pair = !pair; button.setAttribute("aria-pressed", pair); show(meant); },
};

function begin() {
  tools.hidden = false;
  for (const button of tools.querySelectorAll("[data-paper-act]")) {
    button.addEventListener("click", () => { ACTS[button.dataset.paperAct](papers[meant], button); lay(papers[meant]); });
  }
  papers.forEach((paper, place) => {
    paper.addEventListener("kaowu:current", () => show(place));
    paper.querySelector(".sheet")?.addEventListener("click", () => show(place));
    paper.querySelector("summary").addEventListener("click", (event) => { event.preventDefault(); show(place); });
  });
  addEventListener("resize", () => { for (const place of shown()) lay(papers[place]); });
  show(0);
}

if (papers.length) begin();
