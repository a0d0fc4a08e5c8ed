// The door of a sitting. Notes are kept on the phone until the server has answered, so that a lost connection
// loses nothing; every note has a number of its own, so that one that is sent twice is written once. Kept are ticket
// numbers and moments, no names.

const door = document.getElementById("door");
const said = document.getElementById("door-said");
const waiting = document.getElementById("door-waiting");
const came = document.getElementById("door-came");
const field = document.getElementById("number");
const kept = `kaowu-door-${door.dataset.door}`;
const AGAIN = 15000;
// In a demonstration notes bear the moment of its header, not that of the phone.
const AHEAD = door.dataset.now ? Date.parse(door.dataset.now) - Date.now() : 0;

const rows = new Map([...document.querySelectorAll("tr[data-number]")].map((row) => [row.dataset.number, row]));
const voided = new Map([...document.querySelectorAll("tr[data-void]")].map((row) => [row.dataset.void, row]));
const queue = () => JSON.parse(localStorage.getItem(kept) ?? "[]");
const keep = (notes) => localStorage.setItem(kept, JSON.stringify(notes));

function show(row, text, tone) {
  const cell = row.querySelector("[data-state]");
  const state = document.createElement("span");
  state.className = `state state-${tone}`;
  state.textContent = text;
  cell.replaceChildren(state);
}

function count() {
  const left = queue().length;
  came.textContent = document.querySelectorAll("[data-state] .state-done, [data-state] .state-waits").length;
  waiting.textContent = left ? `${left}条待上传，联网后自动上传。` : "全部已上传。";
}

const bytes = (hex) => Uint8Array.from(hex.match(/../g), (pair) => Number.parseInt(pair, 16));

// A code is its signature (64 bytes) and the fields, parted by U+001F. Null for one that is not genuine.
async function readCode(text) {
  let raw;
  try {
    raw = Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));
  } catch {
    return null;
  }
  const content = raw.slice(64);
  for (const key of door.dataset.keys.split(" ")) {
    try {
      const known = await crypto.subtle.importKey("raw", bytes(key), "Ed25519", false, ["verify"]);
      if (await crypto.subtle.verify("Ed25519", known, raw.slice(0, 64), content)) {
        return new TextDecoder().decode(content).split("\x1f");
      }
    } catch {
      // A browser without Ed25519: the server has the last word, and the number leads to the list all the same.
      return new TextDecoder().decode(content).split("\x1f");
    }
  }
  return null;
}

function identifier() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const random = crypto.getRandomValues(new Uint8Array(16));
  random[6] = (random[6] & 15) | 64;
  random[8] = (random[8] & 63) | 128;
  const hex = [...random].map((one) => one.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

async function note(text, way) {
  let number = text.trim();
  if (!/^\d{6,20}$/.test(number)) {
    const fields = await readCode(number);
    if (fields?.[0] !== "ticket") return (said.textContent = "不是有效的准考证二维码。请核对，或改用准考证号。");
    number = fields[1];
  }
  const row = rows.get(number);
  const gone = voided.get(number);
  if (!row && gone) return (said.textContent = `${gone.querySelector("th").textContent}：${gone.lastElementChild.textContent}`);
  if (!row) return (said.textContent = `${number}不在本场次名单中。请核对准考证是否作废、场次是否正确。`);
  const name = row.querySelector("th").textContent;
  const seat = row.querySelector("td").textContent;
  if (row.querySelector(".state-done, .state-waits")) return (said.textContent = `${name}已登记过，座位：${seat}。`);
  keep([...queue(), { client_id: identifier(), number, sitting_id: door.dataset.door, noted_at: new Date(Date.now() + AHEAD).toISOString(), way }]);
  show(row, "已到，待上传", "waits");
  said.textContent = `${name}已登记，座位：${seat}。`;
  count();
  send();
}

let sending = false;

async function send() {
  const notes = queue().slice(0, 200);
  if (sending || !notes.length) return;
  sending = true;
  try {
    const headers = { "Content-Type": "application/x-www-form-urlencoded", ...JSON.parse(document.body.getAttribute("hx-headers")) };
    const answer = await fetch(door.dataset.send, { method: "POST", headers, body: new URLSearchParams({ notes: JSON.stringify(notes) }) });
    if (answer.ok && answer.headers.get("content-type")?.includes("json")) settle(await answer.json(), notes);
    else said.textContent = "暂时不能上传，登记已保存在本机。请确认仍处于登录状态。";
  } catch {
    waiting.textContent = `网络中断，${queue().length}条保存在本机，联网后自动上传。`;
  } finally {
    sending = false;
  }
}

function settle(answers, notes) {
  const numbers = new Map(notes.map((one) => [one.client_id, one.number]));
  for (const one of answers) {
    const row = rows.get(numbers.get(one.client_id));
    if (!row) {
      // A candidate who has left the list since the note: the server's answer must be shown all the same.
      if (one.outcome === "refused" || one.outcome === "contradicts") said.textContent = `${numbers.get(one.client_id)}：${one.detail}`;
      continue;
    }
    if (one.outcome === "refused" || one.outcome === "contradicts") {
      show(row, one.outcome === "refused" ? "未被接受" : "已入场，准考证已作废", "stopped");
      said.textContent = `${row.querySelector("th").textContent}：${one.detail}`;
    } else show(row, "已到", "done");
  }
  const done = new Set(answers.map((one) => one.client_id));
  keep(queue().filter((one) => !done.has(one.client_id)));
  count();
  if (queue().length) setTimeout(send, 0);
}

async function scan(camera) {
  const reader = new BarcodeDetector({ formats: ["qr_code"] });
  camera.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  camera.hidden = false;
  await camera.play();
  let last = "";
  setInterval(async () => {
    const [found] = await reader.detect(camera);
    if (found && found.rawValue !== last) note((last = found.rawValue), "scan");
  }, 400);
}

document.getElementById("door-form").addEventListener("submit", (event) => {
  event.preventDefault();
  note(field.value, /^\d+$/.test(field.value.trim()) ? "number" : "scan");
  field.value = "";
  field.focus();
});
if ("BarcodeDetector" in globalThis) {
  const button = document.getElementById("door-scan");
  button.hidden = false;
  button.addEventListener("click", () => scan(document.getElementById("door-camera")).catch(() => (said.textContent = "不能使用摄像头，请输入准考证号。")));
}
for (const one of queue()) {
  const row = rows.get(one.number);
  if (row) show(row, "已到，待上传", "waits");
}
addEventListener("online", send);
setInterval(send, AGAIN);
count();
send();
