// A form with `data-upload` shows how far a file has got, and sends it as soon as it is chosen. Without this script the
// same form has a button and does the same.

// The answer is the page that follows, or the same page with the faults: either way its content takes this one's place.
function show(text, id) {
  const content = new DOMParser().parseFromString(text, "text/html").getElementById("content");
  if (!content) return location.reload();
  document.getElementById("content").replaceWith(content);
  globalThis.htmx?.process(content);
  sendWithProgress();
  document.getElementById(id)?.focus();
}

function send(form) {
  const bar = form.querySelector("progress");
  const said = form.querySelector("[data-upload-said]");
  const request = new XMLHttpRequest();
  request.open("POST", form.action);
  request.upload.addEventListener("progress", (event) => {
    if (!event.lengthComputable) return;
    bar.hidden = false;
    bar.max = event.total;
    bar.value = event.loaded;
    said.textContent = `正在上传：${Math.round((event.loaded / event.total) * 100)}%`;
  });
  request.addEventListener("load", () => show(request.responseText, form.dataset.upload));
  request.addEventListener("error", () => { bar.hidden = true; said.textContent = "网络中断，没有上传成功。请检查网络后重新选择文件。"; });
  request.send(new FormData(form));
}

function sendWithProgress() {
  for (const form of document.querySelectorAll("form[data-upload]")) {
    form.querySelector("[type=submit]")?.setAttribute("hidden", "");
    form.querySelector("[type=file]").addEventListener("change", () => send(form));
  }
}

sendWithProgress();
