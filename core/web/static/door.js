// The door of a sitting. The page works on the list and the notes that the phone keeps (door-store.js), so that it is
// the same with a connection and without, after the browser was closed, and after the phone was switched off. Each note
// has a number of its own, so that one that is sent twice is written once; it belongs to the officer who made it.

(() => {
const root = document.getElementById("door");
const at = (name) => document.getElementById(`door-${name}`);
const [said, field] = [at("said"), document.getElementById("number")];
const AGAIN = 15000, RENEW = 120000, BATCH = 200;
let store, codes, view;
let list = null, notes = [], token = null, signedOut = false, ahead = 0, skew = 0, busy = null, worker = "", kept = "";

const now = () => Date.now() + ahead;
// Green lets in, red does not: read at arm's length in the sun.
const say = (text, tone) => {
  said.textContent = text;
  said.className = `lead${tone ? ` is-${tone}` : ""}`;
};
const past = () => now() >= Date.parse(list.erase);
const clock = (moment) => new Date(moment).toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false, timeZone: "Asia/Shanghai" });
const address = (id) => `/exams/day/${id}`;
const open = () => notes.filter((note) => !note.outcome);
const mine = () => open().filter((note) => !list || note.noted_by === list.officer.id);

function identifier() {
  const random = crypto.getRandomValues(new Uint8Array(16));
  random[6] = (random[6] & 15) | 64;
  random[8] = (random[8] & 63) | 128;
  const hex = [...random].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

// How many notes the server does not have, and what to do for it.
function waiting() {
  const [left, others] = [mine().length, open().filter((note) => list && note.noted_by !== list.officer.id)];
  const names = [...new Set(others.map((note) => note.officer))].join("、");
  const line = at("waiting");
  const texts = [left ? `还有${left}条没有送到，请保持网络。` : others.length ? "" : "全部已送到服务器。"];
  if (others.length) texts.push(`${names}登记的${others.length}条保存在本机，须由${names}本人登录后上传。`);
  line.textContent = texts.join("");
  if (!signedOut || !open().length) return;
  const link = Object.assign(document.createElement("a"), { href: `/sign-in?to=${encodeURIComponent(address(list ? list.id : ""))}`, textContent: "重新登录" });
  line.append("登录已失效，登记保存在本机，登录后自动上传：", link, "。");
}

function ready() {
  const line = at("ready");
  if (!list) return;
  const about = `${list.place}，${list.title}；名单版本${list.version}，更新于${clock(list.fetched)}`;
  const wrong = Math.abs(skew) > 2 ? `本机时间与标准时间相差${Math.abs(skew)}分钟，请在手机设置中改为自动校时。` : "";
  const who = `登记人：${list.officer.name}。${wrong}`;
  line.classList.toggle("is-lost", Boolean(worker || kept));
  if (past()) line.textContent = `本场所在的考试日已经结束，名单不再保存在本机。${who}`;
  else if (worker || kept) line.textContent = `本机不能离线使用：${kept || worker}${who}`;
  else if (worker === null) line.textContent = "正在准备离线使用，请保持网络，不要关闭本页……";
  else line.textContent = `已可离线使用（${about}）。关闭浏览器或重新开机后，没有网络也可以从本页地址打开。${who}`;
}

function draw() {
  waiting();
  ready();
  if (list) view.draw(list, notes, { begun: now() >= Date.parse(list.starts), close: closeRoom });
}

async function keep(changed) {
  for (const note of changed) {
    notes = notes.filter((other) => other.client_id !== note.client_id);
    notes.push(note);
  }
  try {
    await store.put("notes", changed);
    await store.summarise(ahead);
  } catch {
    kept = "浏览器没有保存（可能是无痕浏览，或存储空间已满）。请换用普通窗口，清理空间后重新打开本页；在此之前不要关闭本页。";
  }
}

async function take(fetched, fresh) {
  // In a demonstration notes bear the moment of its header, not that of the phone.
  const apart = Date.parse(fetched.now) - Date.now();
  ahead = fetched.demo ? apart : 0;
  if (fresh) skew = fetched.demo ? 0 : Math.round(apart / 60000);
  // The page without a connection has one again.
  if (at("offline") && fresh) at("offline").hidden = true;
  const { token: given, ...rest } = fetched;
  token = given || token;
  list = fresh ? { ...rest, fetched: now() } : fetched;
  signedOut = false;
  if (past()) return;
  try {
    if (fresh) await store.put("lists", [list]);
    await store.summarise(ahead);
  } catch {
    kept = "浏览器没有保存名单（可能是无痕浏览，或存储空间已满）。请换用普通窗口后重新打开本页。";
  }
}

const isJson = (answer) => answer.ok && (answer.headers.get("content-type") || "").includes("json");

// Fetch the list and a token again. Nothing is said where there is no connection: what is kept goes on.
async function renew() {
  const site = list.site ? `?site=${list.site}` : "";
  const answer = await fetch(`${address(list.id)}/list${site}`, { headers: { Accept: "application/json" } });
  if (isJson(answer)) await take(await answer.json(), true);
  else if (answer.status === 401 || answer.redirected) { signedOut = true; token = null; }
}

async function send(id, chosen) {
  const told = chosen.map(({ client_id, number, sitting_id, noted_at, way, kind, reason, noted_by }) =>
    ({ client_id, number, sitting_id, noted_at, way, kind, reason, noted_by }));
  const headers = { "Content-Type": "application/x-www-form-urlencoded", "X-CSRF-Token": token, Accept: "application/json" };
  const answer = await fetch(`${address(id)}/arrivals`, { method: "POST", headers, body: new URLSearchParams({ notes: JSON.stringify(told) }) });
  if (!isJson(answer)) {
    token = null;
    if (answer.status === 401 || answer.redirected) signedOut = true;
    return false;
  }
  await settle(await answer.json(), chosen);
  return true;
}

async function settle(answers, chosen) {
  const sent = new Map(chosen.map((note) => [note.client_id, note]));
  const done = [];
  for (const answer of answers) {
    const note = sent.get(answer.client_id);
    // Somebody else has signed in since the list was fetched: it is fetched again before the next try.
    if (answer.outcome === "not_yours") token = null;
    if (!note || answer.outcome === "not_yours") continue;
    const person = list.people.find((expected) => expected.number === note.number);
    if (person && note.sitting_id === list.id) {
      if (["came", "known"].includes(answer.outcome) && note.kind === "arrived") Object.assign(person, { state: "present", noted: person.noted || note.noted_at });
      if (answer.outcome === "absent") Object.assign(person, { state: "absent", remark: note.reason ? `不准入场：${note.reason}` : "" });
    }
    if (answer.detail) say(`${note.name || note.number}：${answer.detail}`, "stop");
    done.push({ ...note, outcome: answer.outcome, detail: answer.detail, answered: now() });
  }
  await keep(done);
}

async function sync(force) {
  if (busy || !list) return busy;
  busy = (async () => {
    try {
      if (force || (mine().length && !token) || now() - list.fetched > RENEW) await renew();
      while (token && mine().length) {
        const [first] = mine();
        const chosen = mine().filter((note) => note.sitting_id === first.sitting_id).slice(0, BATCH);
        if (!await send(first.sitting_id, chosen) || mine().includes(first)) break;
      }
    } catch {
      // No connection: the next try comes by itself.
    }
  })();
  await busy;
  busy = null;
  draw();
}

async function write(person, kind, way, reason) {
  const made = { client_id: identifier(), number: person.number, sitting_id: list.id, noted_at: new Date(now()).toISOString(), way, kind, reason };
  return { ...made, name: person.name, noted_by: list.officer.id, officer: list.officer.name, erase: list.erase };
}

async function find(text) {
  const code = await codes.readCode(text, list.keys, root.dataset.ed25519);
  let found = codes.judge(code, list, now());
  if (found.refusal && !found.sure && navigator.onLine) {
    // Somebody may have been given a ticket since the list was fetched.
    await Promise.race([sync(true), new Promise((done) => { setTimeout(done, 4000); })]);
    found = codes.judge(code, list, now());
  }
  return found;
}

async function note(text, way, kind, reason) {
  await started;
  if (!list) return;
  const { person, refusal } = await find(text.trim());
  if (refusal) return say(refusal, "stop");
  const before = view.standing(person, list, notes);
  const seat = `座位：${person.room} ${person.seat}号`;
  if (before.state === "present") return say(`${person.name}已登记到场，${seat}。如不是同一人重复扫码，请核对身份证原件：可能有人冒用准考证。`, "stop");
  if (kind === "refused" && before.state === "refused") return say(`${person.name}已登记不准入场。`);
  const made = await write(person, kind, way, reason);
  await keep([made]);
  const late = Date.parse(made.noted_at) - Date.parse(list.starts);
  const tardy = late > 0 ? `（迟到${Math.ceil(late / 60000)}分钟）` : "";
  if (kind === "arrived") say(`${person.name}已登记${tardy}，${seat}。`, "go");
  else say(`${person.name}已登记不准入场：${reason}。`, "stop");
  draw();
  dispatchEvent(new Event("kaowu:active"));
  sync();
}

async function closeRoom(room) {
  if (!confirm(`${room.name}未到的${room.open.length}人将登记为缺考。考生到场的，照常登记到场即可改正。确认登记吗？`)) return;
  const made = [];
  for (const person of room.open) if (person.number) made.push(await write(person, "absent", "list", ""));
  await keep(made);
  draw();
  sync();
}

const wayOf = (text) => /^\d+$/.test(text.trim()) ? "number" : "scan";

function listen() {
  document.getElementById("door-form").addEventListener("submit", (event) => {
    event.preventDefault();
    note(field.value, wayOf(field.value), "arrived", "");
    field.value = "";
    field.focus();
  });
  at("refuse").addEventListener("click", () => {
    if (!field.value.trim()) return field.focus();
    note(field.value, wayOf(field.value), "refused", at("reason").value);
    field.value = "";
  });
  // A hand-held reader is a keyboard: what it types while nothing else has the focus belongs into the field.
  document.addEventListener("keydown", (event) => {
    const nothing = document.activeElement === document.body || document.activeElement === null;
    if (nothing && event.key.length === 1 && !event.ctrlKey && !event.altKey && !event.metaKey) field.focus();
  });
  if (navigator.mediaDevices && navigator.mediaDevices.getUserMedia) {
    at("scan").hidden = false;
    at("scan").addEventListener("click", () => scan(at("camera")).catch(() => say("不能使用摄像头。请在浏览器设置中允许本页使用摄像头，或输入准考证号。")));
  }
  addEventListener("online", () => sync());
  setInterval(() => sync(), AGAIN);
}

async function scan(camera) {
  const read = await codes.reader(root.dataset.jsqr);
  camera.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  camera.hidden = false;
  at("scan").hidden = true;
  await camera.play();
  say("把准考证二维码对准摄像头。");
  let last = "", looking = false;
  setInterval(async () => {
    if (looking) return;
    looking = true;
    const found = await read(camera).catch(() => "");
    looking = false;
    if (!found || found === last) return;
    last = found;
    note(found, "scan", "arrived", "");
  }, 400);
}

// The worker opens this page without a connection. Until it is at work the page says that this phone is not ready.
async function install() {
  if (!navigator.serviceWorker) return "浏览器不支持，或本页不是https地址。请用https地址在新版浏览器中打开；在此之前不要关闭本页。";
  try {
    await navigator.serviceWorker.register("/exams/day/worker.js", { scope: "/exams/day/", updateViaCache: "none" });
    await navigator.serviceWorker.ready;
    if (navigator.storage && navigator.storage.persist) navigator.storage.persist();
    return "";
  } catch {
    const there = await navigator.serviceWorker.getRegistration("/exams/day/");
    return there && there.active ? "" : "安装没有完成。请保持网络，刷新本页再试一次；在此之前不要关闭本页。";
  }
}

async function choose(asked) {
  const lists = await store.all("lists");
  list = lists.find((other) => other.id === asked) || null;
  if (list) return;
  say("本机没有准备这个场次的名单，离线时不能登记。请联网打开该场次的入场登记页，或使用纸质签到表，事后补录。");
  document.getElementById("door-form").hidden = true;
  at("ready").textContent = lists.length ? "本机已准备的场次：" : "";
  at("ready").after(view.choices(lists));
}

async function start() {
  worker = null;
  const { store: kept1, codes: kept2, view: kept3, list: given } = root.dataset;
  [store, codes, view] = await Promise.all([import(kept1), import(kept2), import(kept3)]);
  const fetched = given ? JSON.parse(given) : null;
  if (fetched && fetched.demo) ahead = Date.parse(fetched.now) - Date.now();
  try {
    await store.tidy(now());
    notes = await store.all("notes");
  } catch {
    kept = "浏览器不能保存（可能是无痕浏览）。请换用普通窗口后重新打开本页；在此之前不要关闭本页。";
  }
  if (fetched) await take(fetched, true);
  else await choose(location.pathname.split("/").pop());
  if (list && list.title) at("title").textContent = `${list.place}：${list.title}。先核对身份证原件和照片，再登记。本系统不保存、不传送任何试题。`;
  listen();
  draw();
}

const started = start();
started.then(async () => {
  sync();
  worker = list && !past() ? await install() : "";
  ready();
});
})();
