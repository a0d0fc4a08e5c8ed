// A form with `data-keep="name"` survives an expired session and a closed tab's reload: what was typed since the page
// was loaded stays in this tab's sessionStorage until the server has taken it. Fields with `data-never-keep`, passwords
// and files are left out, so that no identity number stays behind.

const prefix = "kaowu-kept:";

function fields(form) {
  return [...form.elements].filter((one) =>
    one.name && one.name !== "_csrf" && !["password", "file", "submit", "button", "hidden"].includes(one.type) && !("neverKeep" in one.dataset));
}

// Whether a field differs from what the server sent: somebody has typed while the page was still loading.
function typed(one) {
  if (one.type === "checkbox" || one.type === "radio") return one.checked !== one.defaultChecked;
  if (one.options) return one.selectedIndex !== Math.max(0, [...one.options].findIndex((option) => option.defaultSelected));
  return one.value !== one.defaultValue;
}

function read(form) {
  const kept = {};
  for (const one of fields(form)) {
    if (!kept[one.name]) kept[one.name] = [];
    if (!["checkbox", "radio"].includes(one.type) || one.checked) kept[one.name].push(one.value);
  }
  return kept;
}

function write(form, kept) {
  const given = JSON.parse(JSON.stringify(kept));
  for (const one of fields(form)) {
    if (!(one.name in kept)) continue;
    if (one.type === "checkbox" || one.type === "radio") one.checked = kept[one.name].includes(one.value);
    else one.value = given[one.name].shift() ?? "";
  }
}

// What was typed belongs to the edition that the page saw: where there is a newer one by now, the server says so.
function restore(form, kept) {
  if (!kept?.fields || JSON.stringify(kept.fields) === JSON.stringify(read(form))) return;
  write(form, kept.fields);
  if (kept.edition && form.elements.edition) form.elements.edition.value = kept.edition;
  form.querySelector("[data-kept-note]")?.removeAttribute("hidden");
}

function keepForms() {
  for (const form of document.querySelectorAll("form[data-keep]")) {
    const key = prefix + form.dataset.keep;
    if ("fresh" in form.dataset) {
      sessionStorage.removeItem(key);
      // Reloaded, the page is no longer fresh: what was typed since then is wanted.
      history.replaceState(null, "", location.pathname);
    }
    const keep = () => sessionStorage.setItem(key, JSON.stringify({ edition: form.elements.edition?.value, fields: read(form) }));
    const early = fields(form).some(typed);
    restore(form, JSON.parse(sessionStorage.getItem(key)));
    if (early) keep();
    form.addEventListener("input", keep);
    // Only what the server has taken is forgotten: an expired session answers 401 or leads to another page, and a field
    // that is checked by itself has saved nothing.
    form.addEventListener("htmx:afterRequest", (event) => {
      if (event.target === form && event.detail.successful && event.detail.xhr.status < 400) sessionStorage.removeItem(key);
    });
  }
  for (const done of document.querySelectorAll("[data-forget]")) sessionStorage.removeItem(prefix + done.dataset.forget);
}

keepForms();
