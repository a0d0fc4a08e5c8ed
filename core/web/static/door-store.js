// What a door keeps on the phone: the lists of its sittings, and the notes until the server has answered. In
// localStorage stands only how many notes wait, of whom, and when everything is erased (door-leave.js, on every page).

const NAME = "kaowu-door";
let opened;

function open() {
  if (!opened) {
    opened = new Promise((resolve, reject) => {
      const asked = indexedDB.open(NAME, 1);
      asked.onupgradeneeded = () => {
        asked.result.createObjectStore("lists", { keyPath: "id" });
        asked.result.createObjectStore("notes", { keyPath: "client_id" });
      };
      asked.onsuccess = () => {
        const base = asked.result;
        // The sign-out deletes everything: a page that stays open must not hold it back.
        base.onversionchange = () => { if (base.close) base.close(); };
        resolve(base);
      };
      asked.onerror = () => reject(asked.error);
    });
  }
  return opened;
}

async function run(store, mode, act) {
  const base = await open();
  return new Promise((resolve, reject) => {
    const whole = base.transaction(store, mode);
    const asked = act(whole.objectStore(store));
    // Only what is on the disk counts: a note is said to be kept once the whole is done.
    whole.oncomplete = () => resolve(asked ? asked.result : undefined);
    whole.onerror = () => reject(whole.error);
    whole.onabort = () => reject(whole.error);
  });
}

export const all = (store) => run(store, "readonly", (kept) => kept.getAll());
export const put = (store, values) => run(store, "readwrite", (kept) => { for (const value of values) kept.put(value); });
export const remove = (store, keys) => run(store, "readwrite", (kept) => { for (const key of keys) kept.delete(key); });

// Lists of past days go; so do notes that were answered, with the list of their sitting.
export async function tidy(now) {
  const past = (await all("lists")).filter((list) => Date.parse(list.erase) <= now).map((list) => list.id);
  const gone = (await all("notes")).filter((note) => note.outcome && Date.parse(note.erase) <= now);
  if (past.length) await remove("lists", past);
  if (gone.length) await remove("notes", gone.map((note) => note.client_id));
}

export async function summarise(ahead) {
  const [lists, notes] = [await all("lists"), await all("notes")];
  const open = notes.filter((note) => !note.outcome);
  if (!lists.length && !notes.length) return localStorage.removeItem(NAME);
  const until = Math.max(0, ...lists.map((list) => Date.parse(list.erase) - ahead));
  const who = [...new Set(open.map((note) => note.officer))];
  localStorage.setItem(NAME, JSON.stringify({ until, unsent: open.length, who }));
}
