// Additions to htmx, each a small part that a page works without: it finds its elements and leaves all others alone.
// Here: menus, and where the eye goes after a refusal.

function focusOnProblems(root) {
  root.querySelector("[data-focus]")?.focus();
}

// On a phone the menu of a desk begins folded; without this script it stands open.
function foldMenu() {
  const menu = document.querySelector(".menu-fold"), small = matchMedia("(max-width: 48rem)");
  if (!menu) return;
  const fit = () => { menu.open = !small.matches; };
  small.addEventListener("change", fit);
  fit();
}

// A menu that is open closes by Escape and by a click beside it.
function closeMenus(event) {
  for (const open of document.querySelectorAll(".who[open]")) {
    if (event.key === "Escape") { open.open = false; open.querySelector("summary").focus(); }
    else if (event.type === "click" && !open.contains(event.target)) open.open = false;
  }
}

// The server's answer to a field that was left stands beside that field, and a refusal beside the form.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { status, responseText } = event.detail.xhr;
  if (status === 422 || responseText.includes("hx-swap-oob")) { event.detail.shouldSwap = true; event.detail.isError = false; }
});
// A form that is saving itself is sent once that is answered, so that it names what the server has by then. A second
// press, or three seconds, send it at once.
const waiting = new WeakSet();
document.addEventListener("submit", (event) => {
  const form = event.target, button = event.submitter;
  if (!form.classList.contains("htmx-request") || waiting.has(form)) return;
  event.preventDefault();
  waiting.add(form);
  const send = () => {
    clearTimeout(late);
    form.removeEventListener("htmx:afterRequest", send);
    if (form.requestSubmit) form.requestSubmit(button); else form.submit();
  };
  const late = setTimeout(send, 3000);
  form.addEventListener("htmx:afterRequest", send);
});
// A form that saves itself says so where it could not: beside the form, with what to do. What was typed stays (kept.js).
const NOT_SAVED = "没有保存，您填写的内容还在这一页。";
function saidNotSaved(form, text, again) {
  const saved = form.querySelector("#saved");
  if (!saved) return;
  saved.textContent = NOT_SAVED + text;
  saved.classList.add("is-lost");
  if (again) {
    const link = document.createElement("a");
    link.href = location.href;
    link.textContent = "重新打开这一页";
    saved.append(" ", link);
  }
}
for (const kind of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(kind, (event) => saidNotSaved(event.target, "网络不通，恢复后请再改一次或点“保存并继续”。", false));
}
document.addEventListener("htmx:responseError", (event) => {
  const { status } = event.detail.xhr;
  if (status === 401) return;
  if (status === 403) saidNotSaved(event.target, "页面已过期，重新打开后会恢复填写的内容。", true);
  else saidNotSaved(event.target, "系统暂时不能保存，请稍后点“保存并继续”。", false);
});
document.addEventListener("htmx:oobAfterSwap", (event) => {
  // The event names the old element; the new one has the same id.
  const error = document.getElementById(event.detail.target.id);
  const name = error?.dataset.errorOf;
  if (!name) return;
  const wrong = error.textContent.trim() !== "";
  for (const input of document.getElementsByName(name)) {
    if (wrong) input.setAttribute("aria-invalid", "true"); else input.removeAttribute("aria-invalid");
  }
  document.getElementById(`field-${name}`)?.classList.toggle("has-error", wrong);
});
// A field that was found wrong as it was left, and was not touched since, is shown before the form goes: a page that
// comes back with the same answer has lost the passwords. Whoever changes it may send, and the server checks again.
document.addEventListener("input", (event) => {
  if (event.target.matches("[data-holds]")) event.target.removeAttribute("aria-invalid");
});
document.addEventListener("submit", (event) => {
  const wrong = event.target.querySelector("[data-holds][aria-invalid=true]");
  if (!wrong) return;
  event.preventDefault();
  wrong.focus();
  (document.getElementById(`field-${wrong.name}`) ?? wrong).scrollIntoView({ block: "center" });
});
// What holds only where scripts run is said by them.
for (const promise of document.querySelectorAll("[data-with-scripts]")) promise.hidden = false;
for (const warning of document.querySelectorAll("[data-without-scripts]")) warning.hidden = true;
// One box ticks all of a list.
document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-tick-all]")) return;
  for (const box of event.target.form.querySelectorAll("tbody input[type=checkbox]")) box.checked = event.target.checked;
});
// An officer who has the file before her answers every finding that asks at once, and may still change each.
for (const button of document.querySelectorAll("[data-settle-all]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    for (const box of document.querySelectorAll(".settle")) {
      box.querySelector("[value=yes]").checked = true;
      const why = box.querySelector("input[name^=why_]");
      if (!why.value) why.value = "已核对人事档案和单位证明";
    }
  });
}
// A reviewer who has compared the whole list says so once, and marks the exceptions.
for (const button of document.querySelectorAll("[data-rest-correct]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    for (const group of document.querySelectorAll(`#${button.dataset.restCorrect} [role=radiogroup]`)) {
      const correct = group.querySelector("[value=correct]");
      if (correct && !group.querySelector("input:checked")) correct.checked = true;
    }
  });
}
document.addEventListener("keydown", closeMenus);
document.addEventListener("click", closeMenus);

foldMenu();
focusOnProblems(document);
