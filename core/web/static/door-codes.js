// The codes of tickets: read, verified against the public keys, and judged against the list of the door. A browser
// without Ed25519 verifies by a library that is served from here, and one that reads no codes before its camera, too.

const bytes = (hex) => Uint8Array.from(hex.match(/../g), (pair) => Number.parseInt(pair, 16));

async function isSigned(key, signature, content, library) {
  try {
    const known = await crypto.subtle.importKey("raw", bytes(key), "Ed25519", false, ["verify"]);
    return await crypto.subtle.verify("Ed25519", known, signature, content);
  } catch {
    const ed25519 = await import(library);
    return await ed25519.verifyAsync(signature, content, bytes(key), { zip215: false });
  }
}

// A code is its signature (64 bytes) and the fields, parted by U+001F: the kind of paper, and for a ticket its number,
// the name, the end of the identity number, and its sittings ("06220900 K01 第一考场 3", parted by semicolons).
export async function readCode(text, keys, library) {
  if (/^\d{6,20}$/.test(text)) return { kind: "number", number: text };
  let content, fields, signature;
  try {
    const raw = Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
    [signature, content] = [raw.slice(0, 64), raw.slice(64)];
    fields = new TextDecoder("utf-8", { fatal: true }).decode(content).split("\x1f");
  } catch {
    return { kind: "unsigned" };
  }
  if (fields.length < 2) return { kind: "unsigned" };
  if (!globalThis.crypto || !crypto.subtle) return { kind: "unverifiable" };
  for (const key of keys) {
    if (!await isSigned(key, signature, content, library)) continue;
    if (fields[0] !== "ticket" || fields.length < 5) return { kind: "other_paper" };
    return { kind: "ticket", number: fields[1], sittings: fields[4].split(";").filter(Boolean) };
  }
  return { kind: "forged" };
}

const told = (list, cause, values) =>
  Object.entries(values || {}).reduce((text, [name, value]) => text.split(`{${name}}`).join(value), list.texts[cause]);

function place(line) {
  const [, month, day, hour, minute, rest] = line.match(/^(..)(..)(..)(..) ?(.*)$/) || [];
  return month ? `${Number(month)}月${Number(day)}日 ${hour}:${minute}，${rest}` : line;
}

function whereInstead(code, list) {
  const lines = code.sittings || [];
  if (!lines.length) return null;
  const here = lines.find((line) => line.startsWith(list.code));
  if (!here) return told(list, "other_sitting", { place: lines.map(place).join("；") });
  const rooms = new Set(list.people.map((person) => person.room));
  return rooms.has(here.split(" ").slice(2, -1).join(" ")) ? null : told(list, "other_site", { place: place(here) });
}

// The candidate of the code, or why the door refuses it; `sure` where a newer list could not say otherwise.
export function judge(code, list, now) {
  if (!code.number) return { refusal: list.texts[code.kind], sure: true };
  if (now < Date.parse(list.opens)) return { refusal: list.texts.too_early, sure: true };
  if (now > Date.parse(list.ends)) return { refusal: list.texts.too_late, sure: true };
  const { number } = code;
  const person = list.people.find((expected) => expected.number === number);
  if (person) return { person };
  if (list.void[number]) return { refusal: `${list.void[number].name}：${list.void[number].detail}` };
  if (list.elsewhere[number]) return { refusal: list.elsewhere[number] };
  const year = number.slice(0, 4);
  if (number.length > 7 && year.startsWith("20") && year !== list.year) return { refusal: told(list, "other_season", { year }) };
  const issuer = number.slice(0, -7);
  if (issuer && list.prefixes.length && !list.prefixes.includes(issuer)) return { refusal: list.texts.other_office };
  const instead = whereInstead(code, list);
  if (instead) return { refusal: instead };
  return { refusal: told(list, code.kind === "ticket" ? "not_on_list" : "unknown", { number }) };
}

function load(address) {
  if (globalThis.jsQR) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const script = Object.assign(document.createElement("script"), { src: address, onload: resolve, onerror: reject });
    document.head.append(script);
  });
}

// A function that reads the code in front of the camera: empty where there is none.
export async function reader(library) {
  if (globalThis.BarcodeDetector) {
    try {
      const known = new BarcodeDetector({ formats: ["qr_code"] });
      await known.detect(document.createElement("canvas"));
      return async (video) => ((await known.detect(video))[0] || {}).rawValue || "";
    } catch {
      // Telephones without the services that it rests on have the name alone.
    }
  }
  await load(library);
  const canvas = document.createElement("canvas");
  const drawn = canvas.getContext("2d");
  return async (video) => {
    // A third of a megapixel is enough for a code that fills a half of the picture, and quick on a cheap phone.
    const scale = Math.min(1, 640 / Math.max(video.videoWidth, video.videoHeight, 1));
    [canvas.width, canvas.height] = [Math.round(video.videoWidth * scale), Math.round(video.videoHeight * scale)];
    if (!canvas.width || !canvas.height) return "";
    drawn.drawImage(video, 0, 0, canvas.width, canvas.height);
    const image = drawn.getImageData(0, 0, canvas.width, canvas.height);
    const found = jsQR(image.data, image.width, image.height, { inversionAttempts: "dontInvert" });
    return found ? found.data : "";
  };
}
