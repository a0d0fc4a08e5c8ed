// Before an idle session ends, warn the reader and offer to stay. The server ends it by itself in any case.

const warnBefore = 120;

function warnWhenIdle() {
  const limit = Number(document.body.dataset.idleSeconds);
  const dialog = document.getElementById("idle");
  if (!limit || !dialog) return;
  let last = Date.now();
  let told = last;

  // Without dialogs of the browser the box stands open in the page, and is closed by its button.
  const open = () => dialog.hasAttribute("open");
  const show = () => { if (dialog.showModal) dialog.showModal(); else { dialog.setAttribute("open", ""); dialog.querySelector("button").focus(); } };
  dialog.querySelector("form").addEventListener("submit", (event) => {
    if (dialog.showModal) return;
    event.preventDefault();
    dialog.removeAttribute("open");
    active();
  });

  function active() {
    last = Date.now();
    // The server hears of activity that sends nothing by itself, such as reading a long page: at most once a minute.
    if (last - told > 60000) { told = last; fetch("/alive"); }
  }

  // "kaowu:active" comes from what works without hands, such as the camera of a door.
  for (const kind of ["pointerdown", "keydown", "scroll", "kaowu:active"]) addEventListener(kind, () => { if (!open()) active(); }, { passive: true });
  dialog.addEventListener("close", active);
  setInterval(() => {
    const left = Math.round(limit - (Date.now() - last) / 1000);
    // Without a connection no page could be shown: a door goes on until it is back.
    if (left <= 0 && !navigator.onLine) return;
    if (left <= 0) location.assign(`/sign-in?to=${encodeURIComponent(location.pathname + location.search)}`);
    else if (left <= warnBefore) {
      dialog.querySelector("[data-seconds]").textContent = left;
      if (!open()) show();
    }
  }, 1000);
}

warnWhenIdle();
