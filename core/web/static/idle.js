// Before an idle session ends, warn the reader and offer to stay. The server ends it by itself in any case. The end is one
// for all tabs of a browser: it is counted from the last answer of the server that any of them got, so that work in one
// keeps all alive, an answer to the warning closes it everywhere, and a sign-out in one is one in all.

const warnBefore = 120, UNTIL = "kaowu-until", OUT = "kaowu-out";

// Where nothing can be stored, each tab counts for itself.
function remember(name, value) {
  try { localStorage.setItem(name, value); } catch { /* the tab goes on alone */ }
}

const account = document.body.dataset.account;
const signIn = () => location.assign(`/sign-in?to=${encodeURIComponent(location.pathname + location.search)}`);

// A page without an account says that the session of this browser is over; the others ask the server whether it is so.
if (!account && !location.pathname.startsWith("/sign-in/")) remember(OUT, Date.now());

function warnWhenIdle() {
  const limit = Number(document.body.dataset.idleSeconds) * 1000;
  const dialog = document.getElementById("idle");
  if (!limit || !dialog) return;
  let until = 0, asked = 0, active = false;

  // Without dialogs of the browser the box stands open in the page, and is closed by its button.
  const open = () => dialog.hasAttribute("open");
  const show = () => { if (dialog.showModal) dialog.showModal(); else { dialog.setAttribute("open", ""); dialog.querySelector("button").focus(); } };
  const hide = () => { if (dialog.close) dialog.close(); else dialog.removeAttribute("open"); };

  // The server has answered: it counts from now.
  function answered() {
    until = asked + limit;
    remember(UNTIL, `${account} ${until}`);
  }
  function ask() {
    asked = Date.now();
    active = false;
    fetch("/alive", { redirect: "manual" }).then((answer) => {
      if (answer.status === 204) answered();
      else if (answer.status < 500) signIn();
    }, () => { active = true; });
  }
  asked = Date.now();
  answered();

  dialog.querySelector("form").addEventListener("submit", (event) => {
    event.preventDefault();
    hide();
    ask();
  });
  dialog.addEventListener("cancel", ask);
  // "kaowu:active" comes from what works without hands, such as the camera of a door.
  for (const kind of ["pointerdown", "keydown", "scroll", "kaowu:active"]) addEventListener(kind, () => { if (!open()) active = true; }, { passive: true });
  addEventListener("storage", (event) => {
    if (event.key === OUT && event.newValue) ask();
    if (event.key !== UNTIL || !event.newValue) return;
    const [who, moment] = event.newValue.split(" ");
    if (who !== account) { signIn(); return; }
    until = Math.max(until, Number(moment));
    if (open() && until - Date.now() > warnBefore * 1000) hide();
  });
  setInterval(() => {
    // The server hears of activity that sends nothing by itself, such as reading a long page: at most once a minute.
    if (active && Date.now() - asked > 60000) ask();
    const left = Math.round((until - Date.now()) / 1000);
    // Without a connection no page could be shown: a door goes on until it is back.
    if (left <= 0 && !navigator.onLine) return;
    if (left <= 0) signIn();
    else if (left <= warnBefore) {
      dialog.querySelector("[data-seconds]").textContent = left;
      if (!open() && !document.hidden) show();
    }
  }, 1000);
}

warnWhenIdle();
