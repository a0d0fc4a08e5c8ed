// Text that was typed and not sent stays on this device, for every form of a signed-in reader that is posted: after a
// lost session, a closed tab, a crash or a refusal it comes back where it was. It belongs to the account: it is removed
// when the form went through, at the sign-out, after a week, and as soon as another account works on this device. A form
// with `data-keep="name"` is kept under its name, with what is ticked, and for strangers in this tab alone; `data-no-keep`
// leaves a form out. Passwords, codes and numbers of people are never kept (NEVER, `data-never-keep`).

const PREFIX = "kaowu-kept:", SENT = "kaowu-sent", DAYS = 7;
const NEVER = ["again", "code", "email", "id_number", "mobile", "new_password", "number", "office_phone", "password", "pasted", "person", "phone", "telephone", "value"];
const TEXTS = ["text", "textarea", "date", "time", "datetime-local", "month", "number", "search", "select-one"];

const account = document.body.dataset.account ?? "";
const store = account ? localStorage : sessionStorage;
const own = `${PREFIX}${account}:`;

function fields(form) {
  return [...form.elements].filter((one) =>
    one.name && !one.name.startsWith("_") && !NEVER.includes(one.name) && !("neverKeep" in one.dataset)
    && !["password", "file", "submit", "button", "hidden"].includes(one.type)
    && (form.dataset.keep || TEXTS.includes(one.type)));
}

// Whether a field differs from what the server sent: somebody has typed while the page was still loading.
function typed(one) {
  if (one.type === "checkbox" || one.type === "radio") return one.checked !== one.defaultChecked;
  if (one.options) return one.selectedIndex !== Math.max(0, [...one.options].findIndex((option) => option.defaultSelected));
  return one.value !== one.defaultValue;
}

function read(form) {
  const kept = {};
  for (const one of fields(form)) {
    if (!kept[one.name]) kept[one.name] = [];
    if (!["checkbox", "radio"].includes(one.type) || one.checked) kept[one.name].push(one.value);
  }
  return kept;
}

function write(form, kept) {
  const given = JSON.parse(JSON.stringify(kept));
  for (const one of fields(form)) {
    if (!(one.name in kept)) continue;
    if (one.type === "checkbox" || one.type === "radio") one.checked = kept[one.name].includes(one.value);
    else one.value = given[one.name].shift() ?? "";
  }
}

// The reader is told, and may do without: beside the form's own words, or at its beginning.
function tell(form, key) {
  const note = form.querySelector("[data-kept-note]");
  if (note) { note.removeAttribute("hidden"); return; }
  const said = document.createElement("p"), without = document.createElement("button");
  said.className = "form-hint";
  said.setAttribute("role", "status");
  said.textContent = "已恢复您上次没有提交的内容，请核对。";
  without.type = "button";
  without.className = "btn btn-sm";
  without.textContent = "不要这些内容";
  without.addEventListener("click", () => { store.removeItem(key); form.reset(); said.remove(); });
  said.append(" ", without);
  form.prepend(said);
  for (let part = form.closest("details"); part; part = part.parentElement.closest("details")) part.open = true;
}

// What was typed belongs to the edition that the page saw: where there is a newer one by now, the server says so.
function restore(form, key) {
  const kept = held(key);
  if (!kept?.fields || JSON.stringify(kept.fields) === JSON.stringify(read(form))) return;
  write(form, kept.fields);
  if (kept.edition && form.elements.edition) form.elements.edition.value = kept.edition;
  tell(form, key);
}

function held(key) {
  try { return JSON.parse(store.getItem(key)); } catch { return null; }
}

// A full store keeps nothing more; the form works all the same.
function put(key, kept) {
  try { store.setItem(key, JSON.stringify(kept)); } catch { store.removeItem(key); }
}

// The form went through unless the page that answers it refuses, or asks to sign in.
function forgetSent() {
  const sent = JSON.parse(sessionStorage.getItem(SENT) ?? "[]");
  sessionStorage.removeItem(SENT);
  if ("refused" in document.body.dataset || !account || location.pathname.startsWith("/sign-in")) return;
  for (const key of sent) store.removeItem(key);
}

// Another account's texts go at once, old ones after some days; strangers touch nothing of anybody's.
function tidy() {
  if (!account) return;
  const oldest = Date.now() - DAYS * 86400000;
  for (const key of Object.keys(localStorage).filter((name) => name.startsWith(PREFIX))) {
    if (!key.startsWith(own) || !(held(key)?.at > oldest)) localStorage.removeItem(key);
  }
}

function keyOf(form, counted) {
  if (form.dataset.keep) return own + form.dataset.keep;
  const path = form.getAttribute("action") || location.pathname;
  counted[path] = (counted[path] ?? 0) + 1;
  return `${own}${path}#${counted[path]}`;
}

function keepForms() {
  const counted = {};
  for (const form of document.querySelectorAll("form[method=post]")) {
    if ("noKeep" in form.dataset || (!account && !form.dataset.keep) || !fields(form).length) continue;
    const key = keyOf(form, counted);
    if ("fresh" in form.dataset) {
      store.removeItem(key);
      // Reloaded, the page is no longer fresh: what was typed since then is wanted.
      history.replaceState(null, "", location.pathname);
    }
    const keep = () => put(key, { at: Date.now(), edition: form.elements.edition?.value, fields: read(form) });
    const early = fields(form).some(typed);
    restore(form, key);
    if (early) keep();
    form.addEventListener("input", keep);
    form.addEventListener("submit", () => {
      if (held(key)) sessionStorage.setItem(SENT, JSON.stringify([...JSON.parse(sessionStorage.getItem(SENT) ?? "[]"), key]));
    });
    // Only what the server has taken is forgotten: an expired session answers 401 or leads to another page, and a field
    // that is checked by itself has saved nothing.
    form.addEventListener("htmx:afterRequest", (event) => {
      if (event.target === form && event.detail.successful && event.detail.xhr.status < 400) store.removeItem(key);
    });
  }
  for (const done of document.querySelectorAll("[data-forget]")) store.removeItem(own + done.dataset.forget);
}

// Nothing stays on a shared computer after the sign-out. Who has something unsent is told before, once.
function forgetAtSignOut() {
  const all = () => Object.keys(localStorage).filter((name) => name.startsWith(PREFIX));
  for (const form of document.querySelectorAll("form[action='/sign-out']")) {
    let told = false;
    form.addEventListener("submit", (event) => {
      if (told || !all().length) { for (const key of all()) localStorage.removeItem(key); return; }
      told = true;
      event.preventDefault();
      form.querySelector("button").textContent = "还有没提交的内容，退出后清除。确认退出";
    });
  }
}

forgetSent();
tidy();
keepForms();
forgetAtSignOut();
