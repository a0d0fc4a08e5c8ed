// A phone that was a door keeps nothing after the sign-out and after the day: lists, notes, and the worker go, on
// whichever page that happens. Notes that the server does not have yet are asked about first.

const KEPT = "kaowu-door";
const kept = JSON.parse(localStorage.getItem(KEPT) || "null");

async function erase() {
  localStorage.removeItem(KEPT);
  if (navigator.serviceWorker) {
    for (const worker of await navigator.serviceWorker.getRegistrations()) {
      if (worker.scope.endsWith("/exams/day/")) await worker.unregister();
    }
  }
  if (globalThis.caches) {
    for (const name of await caches.keys()) if (name.startsWith(KEPT)) await caches.delete(name);
  }
  if (globalThis.indexedDB) {
    await new Promise((done) => {
      const asked = indexedDB.deleteDatabase(KEPT);
      asked.onsuccess = asked.onerror = asked.onblocked = done;
    });
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  const here = JSON.parse(localStorage.getItem(KEPT) || "null");
  if (form.getAttribute("action") !== "/sign-out" || !here) return;
  event.preventDefault();
  const lost = `本机还有${here.unsent}条入场登记没有送到服务器（登记人：${here.who.join("、")}）。退出登录后这些登记将丢失。`;
  if (here.unsent && !confirm(`${lost}请选“取消”，由登记人打开入场登记页，联网上传后再退出。仍要退出吗？`)) return;
  erase().catch(() => {}).then(() => form.submit());
});

if (kept && !kept.unsent && Date.now() > kept.until) erase().catch(() => {});
