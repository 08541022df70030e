// Forms with a file say how much of it was sent. Without this script they are sent as any other form.
(() => {
  const shown = (form) => form.querySelector(".upload-progress");
  const show = (answer) => {
    const page = new DOMParser().parseFromString(answer.responseText, "text/html").querySelector("main");
    if (!page) { location.assign(answer.responseURL); return; }
    document.querySelector("main").replaceWith(page);
    page.querySelector("[autofocus]")?.focus();
  };
  document.addEventListener("submit", (given) => {
    const form = given.target;
    if (!form.matches("form[data-upload]") || given.defaultPrevented) return;
    given.preventDefault();
    const request = new XMLHttpRequest(), bar = shown(form).querySelector("progress");
    shown(form).hidden = false;
    form.querySelectorAll("button").forEach((one) => { one.disabled = true; });
    request.upload.addEventListener("progress", (moved) => { bar.value = 100 * moved.loaded / moved.total; });
    request.addEventListener("load", () => (request.status < 400 ? location.assign(request.responseURL) : show(request)));
    request.addEventListener("error", () => { shown(form).hidden = true; form.querySelectorAll("button").forEach((one) => { one.disabled = false; }); });
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "text/html");
    request.send(new FormData(form));
  }, true);
})();
