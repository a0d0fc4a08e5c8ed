// Keys for officers who work here all day. An element names its key with `data-key="a"`: a link is followed, a button
// pressed, a field entered. In a list marked `data-key-list`, j and k walk its rows and o opens the current one.
// `?` shows the keys of this page, made from the same marks. Nothing happens during typing.

function typing(target) {
  return target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
}

function rows() {
  return [...document.querySelectorAll("[data-key-list] [data-row]")];
}

function walk(step) {
  const all = rows();
  if (!all.length) return;
  const at = all.findIndex((row) => row.classList.contains("is-current"));
  const next = all[Math.min(Math.max(at + step, 0), all.length - 1)];
  all[at]?.classList.remove("is-current");
  next.classList.add("is-current");
  (next.querySelector("a") ?? next).focus();
  next.scrollIntoView({ block: "nearest" });
}

function help() {
  const dialog = document.createElement("dialog");
  dialog.className = "idle keys";
  dialog.setAttribute("aria-label", "键盘操作");
  const list = document.createElement("dl");
  const known = rows().length ? [["j / k", "下一行 / 上一行"], ["o", "打开"]] : [];
  for (const one of document.querySelectorAll("[data-key]")) known.push([one.dataset.key, one.dataset.keyLabel ?? one.textContent.trim()]);
  known.push(["?", "显示本说明"]);
  for (const [key, text] of known) {
    list.append(Object.assign(document.createElement("dt"), { textContent: key }), Object.assign(document.createElement("dd"), { textContent: text }));
  }
  const close = Object.assign(document.createElement("button"), { className: "btn btn-primary", textContent: "关闭" });
  close.addEventListener("click", () => { if (dialog.close) dialog.close(); else dialog.remove(); });
  dialog.addEventListener("close", () => dialog.remove());
  dialog.append(Object.assign(document.createElement("h2"), { textContent: "键盘操作" }), list, close);
  document.body.append(dialog);
  if (dialog.showModal) dialog.showModal(); else { dialog.setAttribute("open", ""); close.focus(); }
}

function use(element, event) {
  event.preventDefault();
  if (element.matches("input:not([type=checkbox]):not([type=radio]), textarea, select")) element.focus();
  else if (element.matches("details")) { element.open = true; element.querySelector("input, textarea, select, button")?.focus(); }
  else element.click();
}

function listenForKeys() {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.querySelector("dialog[open]")) return;
    if (event.key === "?") return help();
    if (event.key === "j") return walk(1);
    if (event.key === "k") return walk(-1);
    if (event.key === "o") {
      const link = document.querySelector("[data-row].is-current a");
      if (link) return link.click();
    }
    const element = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (element) use(element, event);
  });
}

listenForKeys();
