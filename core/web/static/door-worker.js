// The service worker of the doors: what it answers for is the page of a door where there is no connection, and the
// styles and scripts of that page. It keeps nobody's data; BUILD (version, shell, files) stands before this text.

const CACHE = `kaowu-door-${BUILD.version}`;
const LONGEST = 8000;

async function install() {
  const cache = await caches.open(CACHE);
  for (const address of [BUILD.shell, ...BUILD.files]) {
    // An officer who is no longer signed in is led to another page, which must not be kept in the place of the door.
    const answer = await fetch(new Request(address, { redirect: "error", cache: "no-cache" }));
    if (!answer.ok) throw new Error(address);
    await cache.put(address, answer);
  }
  await skipWaiting();
}

async function activate() {
  for (const name of await caches.keys()) if (name.startsWith("kaowu-door-") && name !== CACHE) await caches.delete(name);
  await clients.claim();
}

async function openPage(request) {
  try {
    const late = new Promise((resolve, reject) => { setTimeout(() => reject(new Error("late")), LONGEST); });
    const answer = await Promise.race([fetch(request), late]);
    if (answer.status < 500) return answer;
  } catch {
    // No connection, or one that does not answer.
  }
  return (await caches.match(BUILD.shell)) || Response.error();
}

addEventListener("install", (event) => event.waitUntil(install()));
addEventListener("activate", (event) => event.waitUntil(activate()));
addEventListener("fetch", (event) => {
  const asked = new URL(event.request.url);
  if (event.request.method !== "GET" || asked.origin !== location.origin) return;
  if (event.request.mode === "navigate") event.respondWith(openPage(event.request));
  else if (BUILD.files.includes(asked.pathname + asked.search)) {
    event.respondWith(caches.match(event.request).then((kept) => kept || fetch(event.request)));
  }
});
