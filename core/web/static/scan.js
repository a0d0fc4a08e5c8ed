// The field for a scanned code. A scanner types what it reads and presses Enter, which sends the form; where the browser
// can read codes by its camera, a button offers that. Without this script the field takes what is typed.

const form = document.querySelector("[data-scan]");
const button = form.querySelector("[data-scan-camera]");
const video = form.querySelector("[data-scan-video]");
const said = form.querySelector("[data-scan-said]");
const field = form.querySelector("input[name=code]");

// A scanner is a keyboard: what it types while nothing else has the focus belongs into the field.
document.addEventListener("keydown", (event) => {
  const nothing = document.activeElement === document.body || document.activeElement === null;
  if (nothing && event.key.length === 1 && !event.ctrlKey && !event.altKey && !event.metaKey) field.focus();
});

async function scan() {
  const reader = new BarcodeDetector({ formats: ["qr_code"] });
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  video.srcObject = stream;
  video.hidden = false;
  await video.play();
  said.textContent = "把名册表右下角的二维码对准摄像头。";
  const again = setInterval(async () => {
    const [found] = await reader.detect(video);
    if (!found) return;
    clearInterval(again);
    for (const track of stream.getTracks()) track.stop();
    field.value = found.rawValue;
    if (form.requestSubmit) form.requestSubmit(); else form.submit();
  }, 300);
}

if ("BarcodeDetector" in globalThis && navigator.mediaDevices) {
  button.hidden = false;
  button.addEventListener("click", () => scan().catch(() => { said.textContent = "不能使用摄像头，请用扫码枪或输入。"; }));
}
