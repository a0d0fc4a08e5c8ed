// Files in forms. A picture that is larger than its form takes is made smaller here; any other file that is too large is
// refused before it is sent. A form with `data-upload` shows how far a file has got, and sends it as soon as it is
// chosen. Without this script the server says the same, and the form has a button.

// The largest body that the server reads (core/web/limits.py), less what a form holds besides its file.
const largest = 32 * 1024 * 1024 - 256 * 1024;
// Of pictures, where a field does not say (core/tenancy/config/office.py).
const usual = 5 * 1024 * 1024;
// A4 at 300 points an inch.
const longestSide = 3508;

// The answer is the page that follows, or the same page with the faults: either way its content takes this one's place.
function show(text, id) {
  const content = new DOMParser().parseFromString(text, "text/html").getElementById("content");
  if (!content) return location.reload();
  document.getElementById("content").replaceWith(content);
  globalThis.htmx?.process(content);
  sendWithProgress();
  document.dispatchEvent(new CustomEvent("kaowu:shown"));
  // The page is shorter or longer than before: what was sent, or what is wrong with it, comes into view again.
  const sent = document.getElementById(id);
  sent?.focus({ preventScroll: true });
  (sent?.querySelector("p.field-error") ?? sent)?.scrollIntoView({ block: "start" });
}

function send(form, file) {
  const bar = form.querySelector("progress");
  const said = form.querySelector("[data-upload-said]");
  const request = new XMLHttpRequest();
  request.open("POST", form.action);
  // A refusal is then a page as well, which takes the place of this one.
  request.setRequestHeader("Accept", "text/html");
  request.upload.addEventListener("progress", (event) => {
    if (!event.lengthComputable) return;
    bar.hidden = false;
    bar.max = event.total;
    bar.value = event.loaded;
    said.textContent = `正在上传：${Math.round((event.loaded / event.total) * 100)}%`;
  });
  request.addEventListener("load", () => show(request.responseText, form.dataset.upload));
  request.addEventListener("error", () => { form.dispatchEvent(new CustomEvent("kaowu:unsent")); bar.hidden = true; said.textContent = "网络中断，没有上传成功。请检查网络后重新选择文件。"; });
  const sent = new FormData(form);
  if (file) sent.set(form.querySelector("[type=file]").name, file, file.name);
  request.send(sent);
}

function megabytes(bytes) {
  return `${Number((bytes / 2 ** 20).toPrecision(3))}MB`;
}

// A JPEG of at most `most` bytes; null where this browser cannot draw the picture, or not so small.
async function smaller(file, most) {
  if (!/^image\/(jpeg|png)$/.test(file.type) || !globalThis.createImageBitmap) return null;
  let image;
  try { image = await createImageBitmap(file); } catch (refused) { return null; }
  for (const side of [longestSide, 2400, 1600]) {
    const by = Math.min(1, side / Math.max(image.width, image.height));
    const canvas = Object.assign(document.createElement("canvas"), { width: Math.round(image.width * by), height: Math.round(image.height * by) });
    const pen = canvas.getContext("2d");
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(image, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", .85));
    if (blob && blob.size <= most) return new File([blob], file.name.replace(/\.[^.]*$/, "") + ".jpg", { type: "image/jpeg" });
  }
  return null;
}

// What is wrong with the chosen file, after it was made smaller where that helps; nothing is wrong with "".
async function fit(input, say) {
  const file = input.files[0], stated = Number(input.dataset.mostBytes);
  const most = Math.min(stated || (file?.type.startsWith("image/") ? usual : largest), largest);
  if (!file || file.size <= most) return "";
  say("照片较大，正在缩小…");
  const small = await smaller(file, most);
  if (small) {
    const list = new DataTransfer();
    list.items.add(small);
    input.files = list.files;
    say(`照片已从${megabytes(file.size)}缩小到${megabytes(small.size)}。`);
    return "";
  }
  input.value = "";
  return `文件有${megabytes(file.size)}，最多${megabytes(most)}，没有上传。请压缩后重新选择：照片可以降低分辨率重拍，PDF可以降低扫描分辨率。`;
}

// Where a form has no line for it, one is put behind the field, and told to those who do not see it.
function line(input) {
  const own = input.form?.querySelector("[data-upload-said]") ?? input.parentElement.querySelector("[data-file-said]");
  if (own) return own;
  const made = Object.assign(document.createElement("p"), { className: "text-hint" });
  made.dataset.fileSaid = "";
  made.setAttribute("role", "status");
  input.after(made);
  return made;
}

async function chosen(event) {
  const input = event.target;
  if (!input.matches("input[type=file]")) return;
  const said = line(input), form = input.form;
  // The photo is cropped first, which makes it small.
  if (loading || (form && "photoReady" in form.dataset)) return;
  const wrong = await fit(input, (text) => { said.textContent = text; });
  if (wrong) { said.textContent = wrong; said.classList.add("field-error"); return; }
  said.classList.remove("field-error");
  if (form?.dataset.upload && input.files.length) send(form);
}

function sendWithProgress() {
  for (const form of document.querySelectorAll("form[data-upload]:not([data-upload-ready])")) {
    form.dataset.uploadReady = "";
    form.querySelector("[type=submit]")?.setAttribute("hidden", "");
    form.addEventListener("kaowu:send", (event) => send(form, event.detail));
  }
}

// Files that were chosen while the page was still loading wait for it: the script of the photo may be under way.
let loading = true;
document.addEventListener("DOMContentLoaded", () => {
  loading = false;
  for (const input of document.querySelectorAll("form:not([data-photo-ready]) [type=file]")) {
    if (input.files.length) input.dispatchEvent(new Event("change", { bubbles: true }));
  }
});
document.addEventListener("change", chosen);
sendWithProgress();
