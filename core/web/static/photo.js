// The photo of an application, cropped in the browser: a form with `data-photo` shows its frame for the chosen file. The
// picture is moved, zoomed, turned and straightened under a frame that stands still; 413 × 579 pixels are sent. The
// server checks again. Without this script, or for a file that the browser cannot draw, the form sends the file itself.

const width = 413, height = 579, rim = 20, leastWidth = 295;
const darkest = 45, brightest = 238;

// A browser of 2020 knows no choice of orientation and takes that of the picture anyway.
async function picture(file) {
  try { return await createImageBitmap(file, { imageOrientation: "from-image" }); } catch (refused) { return createImageBitmap(file); }
}

function frame(form) {
  const box = form.querySelector("[data-photo-frame]");
  const canvas = box.querySelector(".photo-canvas"), preview = box.querySelector(".photo-preview");
  const zoom = box.querySelector("[data-photo-zoom]"), tilt = box.querySelector("[data-photo-tilt]");
  const said = box.querySelector("[data-photo-said]"), use = box.querySelector("[data-photo-use]");
  const state = { image: null, x: 0, y: 0, turn: 0, name: "" };

  // The scale at which the turned picture covers the frame: neither side of it shows the ground.
  function scale() {
    const { image } = state, angle = ((state.turn + Number(tilt.value)) * Math.PI) / 180;
    const cos = Math.abs(Math.cos(angle)), sin = Math.abs(Math.sin(angle));
    return Math.max((width * cos + height * sin) / image.width, (width * sin + height * cos) / image.height) * Number(zoom.value);
  }

  function angle() { return ((state.turn + Number(tilt.value)) * Math.PI) / 180; }

  // The frame stays within the picture, also where that is turned.
  function hold() {
    const by = scale(), a = angle(), cos = Math.cos(a), sin = Math.sin(a);
    const w = width * Math.abs(cos) + height * Math.abs(sin), h = width * Math.abs(sin) + height * Math.abs(cos);
    const acrossMost = Math.max(0, (state.image.width * by - w) / 2), downMost = Math.max(0, (state.image.height * by - h) / 2);
    let across = state.x * cos + state.y * sin, down = -state.x * sin + state.y * cos;
    across = Math.min(acrossMost, Math.max(-acrossMost, across));
    down = Math.min(downMost, Math.max(-downMost, down));
    state.x = across * cos - down * sin;
    state.y = across * sin + down * cos;
  }

  function paint(target, margin) {
    const pen = target.getContext("2d");
    pen.save();
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, target.width, target.height);
    pen.imageSmoothingQuality = "high";
    pen.translate(margin + width / 2 + state.x, margin + height / 2 + state.y);
    pen.rotate(angle());
    pen.scale(scale(), scale());
    pen.drawImage(state.image, -state.image.width / 2, -state.image.height / 2);
    pen.restore();
    return pen;
  }

  function draw() {
    if (!state.image) return;
    hold();
    paint(preview, 0);
    const pen = paint(canvas, rim);
    pen.fillStyle = "rgba(0, 0, 0, .5)";
    pen.fillRect(0, 0, canvas.width, rim);
    pen.fillRect(0, canvas.height - rim, canvas.width, rim);
    pen.fillRect(0, rim, rim, height);
    pen.fillRect(canvas.width - rim, rim, rim, height);
    pen.strokeStyle = "#fff";
    pen.lineWidth = 3;
    pen.strokeRect(rim, rim, width, height);
    pen.setLineDash([8, 8]);
    pen.beginPath();
    pen.ellipse(rim + width / 2, rim + height * .43, width * .27, height * .29, 0, 0, 2 * Math.PI);
    pen.stroke();
    pen.setLineDash([]);
    tell();
  }

  // The mean of the part in which a face stands, as the server takes it.
  function light() {
    const data = preview.getContext("2d").getImageData(Math.round(width * .25), Math.round(height * .15), Math.round(width * .5), Math.round(height * .5)).data;
    let sum = 0;
    for (let at = 0; at < data.length; at += 4) sum += .299 * data[at] + .587 * data[at + 1] + .114 * data[at + 2];
    return sum / (data.length / 4);
  }

  function tell() {
    const bright = light();
    const few = width / scale() < leastWidth;
    let text = "";
    if (few && Number(zoom.value) === 1) text = `这张照片只有${state.image.width} × ${state.image.height}像素，太小，打印后看不清。请重新拍照，或换一张原图。`;
    else if (few) text = "这部分像素太少，打印后会模糊。请缩小一些，或换一张更大的照片。";
    else if (bright < darkest) text = "照片太暗，看不清面部。请换一张光线充足的照片。";
    else if (bright > brightest) text = "照片太亮，看不清面部。请换一张没有强光的照片。";
    // Too few pixels are enlarged by the browser: the server could not tell.
    use.disabled = few;
    if (said.textContent !== text) said.textContent = text;
  }

  function move(across, down) { state.x += across; state.y += down; draw(); }
  function enlarge(by) {
    const before = Number(zoom.value);
    zoom.value = String(before * by);
    const after = Number(zoom.value) / before;
    state.x *= after;
    state.y *= after;
    draw();
  }
  function begin() { Object.assign(state, { x: 0, y: 0, turn: 0 }); zoom.value = "1"; tilt.value = "0"; draw(); }

  const fingers = new Map();
  const apart = () => { const [one, two] = [...fingers.values()]; return Math.hypot(one.x - two.x, one.y - two.y); };
  canvas.addEventListener("pointerdown", (event) => { canvas.setPointerCapture(event.pointerId); fingers.set(event.pointerId, { x: event.clientX, y: event.clientY }); });
  canvas.addEventListener("pointermove", (event) => {
    const finger = fingers.get(event.pointerId), points = canvas.width / canvas.clientWidth;
    if (!finger) return;
    const wide = fingers.size === 2 ? apart() : 0;
    const across = event.clientX - finger.x, down = event.clientY - finger.y;
    finger.x = event.clientX;
    finger.y = event.clientY;
    if (wide) enlarge(apart() / wide); else move(across * points, down * points);
  });
  for (const kind of ["pointerup", "pointercancel"]) canvas.addEventListener(kind, (event) => fingers.delete(event.pointerId));
  canvas.addEventListener("wheel", (event) => { event.preventDefault(); enlarge(event.deltaY < 0 ? 1.05 : 1 / 1.05); }, { passive: false });

  const keys = {
    ArrowLeft: () => move(-6, 0), ArrowRight: () => move(6, 0), ArrowUp: () => move(0, -6), ArrowDown: () => move(0, 6),
    "+": () => enlarge(1.05), "=": () => enlarge(1.05), "-": () => enlarge(1 / 1.05),
    ",": () => { tilt.value = String(Number(tilt.value) - .5); draw(); }, ".": () => { tilt.value = String(Number(tilt.value) + .5); draw(); },
  };
  canvas.addEventListener("keydown", (event) => {
    if (!(event.key in keys) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    keys[event.key]();
  });
  for (const range of [zoom, tilt]) range.addEventListener("input", draw);
  for (const button of box.querySelectorAll("[data-photo-turn]")) {
    button.addEventListener("click", () => { state.turn += Number(button.dataset.photoTurn); state.x = state.y = 0; draw(); });
  }
  for (const button of box.querySelectorAll("[data-photo-move]")) {
    const [across, down] = button.dataset.photoMove.split(",").map(Number);
    button.addEventListener("click", () => move(across * 12, down * 12));
  }
  box.querySelector("[data-photo-again]").addEventListener("click", begin);
  form.addEventListener("kaowu:unsent", () => { use.disabled = false; said.textContent = ""; });
  use.addEventListener("click", () => {
    use.disabled = true;
    said.textContent = "正在上传照片，请稍候…";
    preview.toBlob((blob) => {
      const file = new File([blob], state.name.replace(/\.[^.]*$/, "") + ".jpg", { type: "image/jpeg" });
      form.dispatchEvent(new CustomEvent("kaowu:send", { detail: file }));
    }, "image/jpeg", .92);
  });

  return (image, name) => {
    Object.assign(state, { image, name });
    box.hidden = false;
    begin();
    canvas.focus({ preventScroll: true });
    box.scrollIntoView({ block: "start" });
  };
}

function prepare() {
  for (const form of document.querySelectorAll("form[data-photo]:not([data-photo-ready])")) {
    if (!globalThis.createImageBitmap || !HTMLCanvasElement.prototype.toBlob) return;
    form.dataset.photoReady = "";
    const input = form.querySelector("[type=file]"), show = frame(form), send = form.querySelector("[type=submit]");
    const said = form.querySelector("[data-upload-said]");
    send.hidden = true;
    const camera = form.querySelector("[data-photo-camera]");
    camera.hidden = !matchMedia("(pointer: coarse)").matches;
    camera.querySelector("button").addEventListener("click", () => {
      input.setAttribute("capture", "user");
      input.click();
      setTimeout(() => input.removeAttribute("capture"), 1000);
    });
    input.addEventListener("change", async () => {
      const file = input.files[0];
      if (!file) return;
      said.textContent = "正在打开照片…";
      try {
        show(await picture(file), file.name);
        said.textContent = "";
      } catch (refused) {
        said.textContent = "浏览器打不开这个文件。请选JPG或PNG照片；苹果手机可在“设置－相机－格式”中选“兼容性最佳”后重拍。";
        form.querySelector("[data-photo-frame]").hidden = true;
      }
    });
    // A file that was chosen while the page was still loading.
    if (input.files.length) input.dispatchEvent(new Event("change"));
  }
}

document.addEventListener("kaowu:shown", prepare);
prepare();
