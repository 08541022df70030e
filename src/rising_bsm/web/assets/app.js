// The little that pages cannot do without a script. Everything works from the document, so that it holds for parts that come later.
(() => {
  const on = (event, selector, act) => document.addEventListener(event, (given) => {
    const found = given.target.closest?.(selector);
    if (found) act(found, given);
  });

  // The menu on a narrow screen.
  const menu = () => document.getElementById("menu");
  const button = () => document.querySelector(".menu-button");
  const isOpen = () => menu()?.classList.contains("open");
  const show = (open) => { menu().classList.toggle("open", open); button().setAttribute("aria-expanded", String(open)); };
  on("click", ".menu-button", () => {
    show(!isOpen());
    if (isOpen()) menu().querySelector("nav a")?.focus();
  });

  // Browsers that do not know `command` yet, and a click beside a dialog closes it.
  const native = "commandForElement" in HTMLButtonElement.prototype;
  on("click", "button[commandfor]", (pressed) => {
    const dialog = document.getElementById(pressed.getAttribute("commandfor"));
    if (native || !dialog) return;
    if (pressed.getAttribute("command") === "show-modal") dialog.showModal(); else dialog.close();
  });
  document.addEventListener("click", (given) => { if (given.target.matches("dialog.dialog")) given.target.close(); });

  // What a plugin's area asked in a dialog has been answered; a form in it that shows what was wrong keeps it open.
  document.addEventListener("htmx:before:swap", (given) => {
    const target = given.detail.ctx.target;
    target?.closest?.(".plugin-region")?.querySelectorAll("dialog[open]").forEach((one) => { if (!one.contains(target)) one.close(); });
  });

  // Messages: closed by hand, or gone by themselves.
  on("click", "[data-close]", (pressed) => pressed.closest(".alert")?.remove());
  const fade = (root) => root.querySelectorAll("[data-passing]").forEach((one) => setTimeout(() => one.remove(), 8000));
  fade(document);
  document.addEventListener("htmx:after:swap", () => fade(document));

  // Texts that a button copies, where the browser lets pages do so.
  const offer = () => navigator.clipboard && document.querySelectorAll("[data-copy][hidden]").forEach((one) => { one.hidden = false; });
  offer();
  document.addEventListener("htmx:after:swap", offer);
  on("click", "[data-copy]", async (pressed) => {
    await navigator.clipboard.writeText(pressed.dataset.copy);
    const said = pressed.querySelector("span");
    said.setAttribute("aria-live", "polite");
    said.textContent = pressed.dataset.copied;
  });

  // A form is sent once. What an ordinary browser sends leaves the page; what htmx sends comes back.
  document.addEventListener("submit", (given) => {
    const form = given.target;
    if (form.method !== "post" || given.defaultPrevented) return;
    if (form.dataset.sent) { given.preventDefault(); return; }
    form.dataset.sent = "yes";
    form.querySelectorAll("button:not([type=button])").forEach((one) => one.setAttribute("aria-busy", "true"));
  });
  addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => {
    delete form.dataset.sent;
    form.querySelectorAll("[aria-busy]").forEach((one) => one.removeAttribute("aria-busy"));
  }));

  // "/" goes to the search field, Escape closes the menu.
  document.addEventListener("keydown", (given) => {
    if (given.key === "Escape" && isOpen()) { show(false); button().focus(); }
    if (given.key !== "/" || given.ctrlKey || given.metaKey || given.target.matches("input, textarea, select, [contenteditable]")) return;
    const search = document.querySelector("[data-search]");
    if (search) { given.preventDefault(); search.focus(); search.select(); }
  });
})();
