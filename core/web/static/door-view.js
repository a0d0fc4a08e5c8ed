// What a door shows: the candidates, how many came to each room, and what somebody has to look into. Everything is
// made from the list and the notes of the phone, with a connection or without.

const LATE = (when, list) => Date.parse(when) > Date.parse(list.starts);

function element(name, text, more) {
  return Object.assign(document.createElement(name), { textContent: text || "" }, more);
}

function state(text, tone) {
  return element("span", text, { className: `state state-${tone}` });
}

// A list that was read while a note was on its way may lack it: for so many milliseconds the answer to the note counts.
const SETTLED = 10000;
const isArrival = (note) => note.kind === "arrived" && ["came", "known"].includes(note.outcome);

// The note that counts about a candidate: what the server has, and over it what still waits here.
export function standing(person, list, notes) {
  const waiting = notes.filter((note) => !note.outcome && note.sitting_id === list.id && note.number === person.number && person.number);
  const came = waiting.find((note) => note.kind === "arrived");
  if (person.state === "present") return { state: "present", late: LATE(person.noted, list), sent: true };
  const taken = notes.find((note) => isArrival(note) && note.sitting_id === list.id && note.number === person.number && note.answered + SETTLED >= list.fetched);
  if (taken) return { state: "present", late: LATE(taken.noted_at, list), sent: true };
  if (came) return { state: "present", late: LATE(came.noted_at, list), sent: false };
  const [away] = waiting;
  if (away) return { state: away.kind, sent: false, reason: away.reason };
  if (person.state === "absent") return { state: person.remark ? "refused" : "absent", sent: true, reason: person.remark.replace(/^不准入场：/, "") };
  return { state: person.suspended ? "suspended" : "", sent: true };
}

function shown(said) {
  const waits = said.sent ? "" : "，待上传";
  if (said.state === "present") return state(`${said.late ? "迟到" : "已到"}${waits}`, said.sent ? "done" : "waits");
  if (said.state === "refused") return state(`不准入场${waits}${said.reason ? `：${said.reason}` : ""}`, "stopped");
  if (said.state === "absent") return state(`缺考${waits}`, "stopped");
  return said.state === "suspended" ? state("暂停考核，不能入场", "stopped") : state("未到", "plain");
}

function line(person, said) {
  const row = document.createElement("tr");
  row.dataset.number = person.number;
  const cell = (label, text) => {
    const made = element("td", text);
    made.dataset.label = label;
    return made;
  };
  const last = cell("状态", "");
  last.dataset.state = "";
  last.append(shown(said));
  row.append(
    cell("座位", `${person.room} ${person.seat}号`),
    element("th", person.name, { scope: "row" }),
    cell("准考证号", person.number || (person.suspended ? "已暂停" : "未签发")),
    last,
  );
  return row;
}

function rooms(list, standings) {
  const found = new Map();
  list.people.forEach((person, at) => {
    const room = found.get(person.room) || { name: person.room, expected: 0, came: 0, late: 0, absent: 0, open: [] };
    found.set(person.room, room);
    const said = standings[at];
    room.expected += 1;
    if (said.state === "present") { room.came += 1; if (said.late) room.late += 1; }
    else if (said.state === "absent" || said.state === "refused") room.absent += 1;
    else if (said.state === "") room.open.push(person);
  });
  return [...found.values()];
}

// By room: how many came and were late, were absent or turned away, and of how many nothing is noted.
function drawRooms(list, counted, { begun, close }) {
  const table = element("table", "", { className: "table" });
  table.append(element("caption", "各考场到考情况", { className: "visually-hidden" }));
  const head = document.createElement("tr");
  for (const name of ["考场", "应到", "已到", "其中迟到", "缺考和不准入场", "未登记"]) head.append(element("th", name, { scope: "col" }));
  table.append(document.createElement("thead"), document.createElement("tbody"));
  table.tHead.append(head);
  for (const room of counted) {
    const row = document.createElement("tr");
    row.append(element("th", room.name, { scope: "row" }));
    const figures = { 应到: room.expected, 已到: room.came, 其中迟到: room.late, 缺考和不准入场: room.absent, 未登记: room.open.length };
    for (const [label, figure] of Object.entries(figures)) {
      const cell = element("td", String(figure));
      cell.dataset.label = label;
      row.append(cell);
    }
    if (begun && room.open.length && room.came) {
      const button = element("button", `${room.name}未到的${room.open.length}人登记缺考`, { type: "button", className: "btn btn-outline-danger btn-sm" });
      button.addEventListener("click", () => close(room));
      row.lastElementChild.append(" ", button);
    }
    table.tBodies[0].append(row);
  }
  const box = document.getElementById("door-rooms");
  const [stacked, frame] = [element("div", "", { className: "stacked" }), element("div", "", { className: "table-frame" })];
  frame.append(table);
  stacked.append(frame);
  box.replaceChildren(element("h2", "各考场到考情况"), stacked);
}

// Notes to which the server has answered with something that an officer must look into; and those that its list lacks.
function troubles(list, notes) {
  const mine = notes.filter((note) => note.sitting_id === list.id && note.outcome);
  const lines = mine.filter((note) => note.detail).map((note) => `${note.name || note.number}：${note.detail}`);
  const known = new Map(list.people.map((person) => [person.number, person]));
  const lacking = mine.filter((note) => isArrival(note) && note.answered + SETTLED < list.fetched
    && known.has(note.number) && known.get(note.number).state !== "present");
  return [...lines, ...lacking.map((note) => `${note.name}：本机已登记到场并已上传，服务器的名单中却不是“已到”。请联网刷新后核对，并报告考务负责人。`)];
}

export function draw(list, notes, more) {
  const standings = list.people.map((person) => standing(person, list, notes));
  const body = document.querySelector("#door-people tbody");
  if (body) body.replaceChildren(...list.people.map((person, at) => line(person, standings[at])));
  document.getElementById("door-came").textContent = standings.filter((said) => said.state === "present").length;
  document.getElementById("door-expected").textContent = list.people.length;
  drawRooms(list, rooms(list, standings), more);
  const told = document.getElementById("door-told");
  const lines = troubles(list, notes);
  told.hidden = !lines.length;
  told.replaceChildren(...lines.map((text) => element("li", text)));
}

export function choices(lists) {
  const list = document.createElement("ul");
  for (const kept of lists) {
    const item = document.createElement("li");
    item.append(element("a", `${kept.title}，${kept.place}`, { href: `/exams/day/${kept.id}` }));
    list.append(item);
  }
  return list;
}
