// A seat is changed by dragging it to another one, or by two buttons: first the candidate, then the place. Both fill in
// the form below the room, which works without this script and asks for the reason. Source of the marks: room.html.

const form = document.getElementById("seat-form");
const said = document.getElementById("seat-said");
const places = [...document.querySelectorAll("[data-place]")];
const here = form?.elements.place.value;
let chosen = null;

function say(text) {
  said.textContent = text;
}

function label(cell, button) {
  const number = cell.dataset.place;
  const who = cell.dataset.who ? ` ${cell.dataset.who}` : "";
  button.classList.toggle("is-away", !chosen && !cell.dataset.seat);
  button.textContent = chosen === cell ? "取消" : chosen ? (cell.dataset.seat ? "对调" : "放到这里") : "调整";
  button.setAttribute("aria-label", `${button.textContent}：${number}号${who}`);
}

function relabel() {
  for (const cell of places) {
    label(cell, cell.querySelector(".seat-pick"));
    cell.classList.toggle("is-chosen", cell === chosen);
  }
}

function choose(cell) {
  chosen = cell;
  relabel();
  say(cell ? `已选${cell.dataset.place}号 ${cell.dataset.who}，请选择新的座位：空座位是移动，有人的座位是对调。` : "");
}

function put(cell) {
  const from = chosen;
  choose(null);
  if (!from || from === cell) return;
  form.elements.seat_id.value = from.dataset.seat;
  form.elements.place.value = here;
  form.elements.seat.value = cell.dataset.place;
  const what = cell.dataset.who ? `与${cell.dataset.place}号 ${cell.dataset.who}对调` : `移到${cell.dataset.place}号`;
  say(`${from.dataset.place}号 ${from.dataset.who}${what}。请在下面写明原因并保存。`);
  form.elements.reason.focus();
}

function press(cell) {
  if (chosen) put(cell);
  else if (cell.dataset.seat) choose(cell);
}

function prepare(cell) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn seat-pick";
  button.addEventListener("click", () => press(cell));
  cell.append(button);
  cell.draggable = Boolean(cell.dataset.seat);
  cell.addEventListener("dragstart", (event) => {
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", cell.dataset.place);
    choose(cell);
  });
  cell.addEventListener("dragover", (event) => {
    if (chosen) event.preventDefault();
  });
  cell.addEventListener("drop", (event) => {
    event.preventDefault();
    put(cell);
  });
}

if (form) {
  places.forEach(prepare);
  relabel();
  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && chosen) choose(null);
  });
}
