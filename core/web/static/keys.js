// Keys for officers who work here all day. An element names its key with `data-key="a"`: a link is followed, a button
// pressed, a field entered. In a list marked `data-key-list`, j and k walk its rows and o opens the current one; a part
// of a row names its key with `data-row-key="1"`, which is used on the current row: then its open field (`data-row-why`)
// is entered, or the next row is current. `?` shows the keys of this page, made from the same marks. Nothing happens
// during typing, but that Escape leaves a field of such a list, and Enter goes on to the next row.

const FIELD = "input:not([type=checkbox]):not([type=radio]), textarea, select";

function typing(target) {
  return target.closest(`${FIELD}, [contenteditable]`);
}

function rows() {
  return [...document.querySelectorAll("[data-key-list] [data-row]")];
}

function current() {
  return document.querySelector("[data-row].is-current");
}

function become(row) {
  if (row === current()) return;
  for (const other of document.querySelectorAll("[data-row].is-current")) other.classList.remove("is-current");
  row.classList.add("is-current");
  row.dispatchEvent(new CustomEvent("kaowu:current", { bubbles: true }));
}

function go(row) {
  become(row);
  (row.matches("[tabindex]") ? row : row.querySelector("a") ?? row).focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

function walk(step) {
  const all = rows();
  if (!all.length) return;
  const at = all.findIndex((row) => row.classList.contains("is-current"));
  go(all[Math.min(Math.max(at + step, 0), all.length - 1)]);
}

// The first row that still lacks a verdict.
function walkToOpen() {
  const open = rows().find((row) => row.querySelector("[type=radio][data-row-key]") && !row.querySelector("[data-row-key]:checked"));
  if (open) go(open);
}

// A key of the current row, or of the first row where none is current yet.
function useInRow(key) {
  const row = current() ?? rows().find((other) => other.querySelector("[data-row-key]"));
  const part = row?.querySelector(`[data-row-key="${CSS.escape(key)}"]`);
  if (!part) return false;
  become(row);
  part.click();
  const why = [...row.querySelectorAll("[data-row-why]")].find((field) => field.offsetParent && !field.value);
  if (part.dataset.rowAsks !== undefined && why) why.focus(); else walk(1);
  return true;
}

function leave(event) {
  const row = event.target.closest("[data-row]");
  if (event.key === "Escape") {
    if (row) go(row); else event.target.blur();
  } else if (event.key === "Enter" && row && !event.target.matches("textarea")) {
    event.preventDefault();
    walk(1);
  }
}

function help() {
  const dialog = document.createElement("dialog");
  dialog.className = "idle keys";
  dialog.setAttribute("aria-label", "键盘操作");
  const list = document.createElement("dl");
  const known = new Map();
  if (rows().length) known.set("j / k", "下一行 / 上一行");
  if (document.querySelector("[data-row] a")) known.set("o", "打开");
  for (const part of document.querySelectorAll("[data-row-key]")) {
    if (!known.has(part.dataset.rowKey)) known.set(part.dataset.rowKey, part.dataset.rowKeyLabel);
  }
  for (const part of document.querySelectorAll("[data-key]")) known.set(part.dataset.key, part.dataset.keyLabel ?? part.textContent.trim());
  if (document.querySelector("[data-row-why]")) known.set("Esc", "离开填写框，回到这一项").set("Enter", "填写后到下一项");
  known.set("?", "显示本说明");
  for (const [key, text] of known) {
    list.append(Object.assign(document.createElement("dt"), { textContent: key }), Object.assign(document.createElement("dd"), { textContent: text }));
  }
  const shut = () => { if (dialog.close) dialog.close(); else dialog.remove(); };
  const close = Object.assign(document.createElement("button"), { className: "btn btn-primary", textContent: "关闭" });
  close.addEventListener("click", shut);
  dialog.addEventListener("keydown", (event) => { if (event.key === "Escape") shut(); });
  dialog.addEventListener("close", () => dialog.remove());
  dialog.append(Object.assign(document.createElement("h2"), { textContent: "键盘操作" }), list, close);
  document.body.append(dialog);
  if (dialog.showModal) dialog.showModal(); else { dialog.setAttribute("open", ""); close.focus(); }
}

function use(element, event) {
  event.preventDefault();
  if (element.matches(FIELD)) element.focus();
  else if (element.matches("details")) { element.open = true; element.querySelector("input, textarea, select, button")?.focus(); }
  else element.click();
}

function listenForKeys() {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (typing(event.target)) {
      // A half-typed word of an input method is not left.
      if (!event.isComposing && event.keyCode !== 229 && event.target.closest("[data-key-list]")) leave(event);
      return;
    }
    if (event.key === "?") return help();
    if (event.key === "j") return walk(1);
    if (event.key === "k") return walk(-1);
    if (event.key === "o") {
      const link = document.querySelector("[data-row].is-current a");
      if (link) return link.click();
    }
    if (useInRow(event.key)) return event.preventDefault();
    const element = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (element) use(element, event);
  });
  // A row that becomes current shows its paper and moves what is below: not between the two halves of a click, which
  // would be lost.
  let pressed = false;
  const enter = (event) => {
    const row = event.target.closest("[data-key-list] [data-row]");
    if (row && !pressed) become(row);
  };
  document.addEventListener("mousedown", () => { pressed = true; }, true);
  document.addEventListener("mouseup", () => { pressed = false; }, true);
  document.addEventListener("focusin", enter);
  document.addEventListener("click", enter);
  for (const button of document.querySelectorAll("[data-next-open]")) {
    button.hidden = false;
    button.addEventListener("click", walkToOpen);
  }
}

listenForKeys();
