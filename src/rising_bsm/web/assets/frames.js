// The host's end of the bridge to plugins' frames. A frame's origin is nobody's, so what counts is the window that a first
// message comes from, and from then on the port that only this window was given.
(() => {
  const MOST = { bytes: 65536, perSecond: 20, height: 5000, text: 200, seconds: 10 };
  const METHODS = {
    call: { function: "string", arguments: "object" },
    request: { method: "string", path: "string", body: "any" },
    resize: { height: "number" },
    say: { text: "string" },
    go: { to: "string" },
  };
  const ports = new WeakMap();
  const frames = () => [...document.querySelectorAll("iframe[data-plugin]")];

  const contextOf = (frame) => ({
    plugin: frame.dataset.plugin, mount: frame.dataset.mount, entityId: frame.dataset.entity || null,
    theme: document.documentElement.dataset.bsTheme === "dark" ? "dark" : "light",
    locale: document.documentElement.lang, timeZone: frame.dataset.zone || Intl.DateTimeFormat().resolvedOptions().timeZone,
  });

  addEventListener("message", ({ source, data }) => {
    if (data?.type !== "rising-bsm:ready") return;
    const frame = frames().find((one) => one.contentWindow === source);
    if (!frame) return;
    ports.get(frame)?.close();
    const { port1, port2 } = new MessageChannel();
    ports.set(frame, port1);
    const counted = { second: 0, messages: 0 };
    port1.onmessage = ({ data: asked }) => answer(frame, port1, counted, asked);
    source.postMessage({ type: "rising-bsm:port", context: contextOf(frame) }, "*", [port2]);
    frame.dataset.ready = "yes";
    frame.parentElement.querySelector("[data-silent]")?.setAttribute("hidden", "");
  });

  const refusal = (code, message) => ({ code, message });
  const answer = async (frame, port, counted, asked) => {
    if (!Number.isSafeInteger(asked?.id)) return;
    try {
      port.postMessage({ id: asked.id, result: await checked(frame, counted, asked) });
    } catch (error) {
      port.postMessage({ id: asked.id, error: error.code ? { code: error.code, message: error.message } : refusal("ui.bridge", "The host could not answer.") });
    }
  };

  const checked = async (frame, counted, { method, params }) => {
    const second = Math.floor(performance.now() / 1000);
    if (counted.second !== second) Object.assign(counted, { second, messages: 0 });
    if (++counted.messages > MOST.perSecond) throw refusal("ui.too_often", `At most ${MOST.perSecond} messages a second.`);
    const shape = Object.hasOwn(METHODS, method) ? METHODS[method] : null;
    if (!shape) throw refusal("ui.no_such_method", "The bridge has no such method.");
    if (!params || typeof params !== "object") throw refusal("ui.bad_question", "The parameters must be an object.");
    const given = {};
    for (const [name, kind] of Object.entries(shape)) {
      const value = params[name];
      if (kind !== "any" && (value === null || Array.isArray(value) || typeof value !== kind)) throw refusal("ui.bad_question", `${name} must be a ${kind}.`);
      given[name] = value ?? null;
    }
    const text = JSON.stringify(given);
    if (text === undefined || text.length > MOST.bytes) throw refusal("ui.too_large", `At most ${MOST.bytes} characters of JSON.`);
    return DO[method](frame, JSON.parse(text));
  };

  const DO = {
    call: (frame, asked) => send(`/plugins/${frame.dataset.plugin}/frames/${frame.dataset.frame}/call`, "POST", frame, asked).then((got) => got.result),
    request: (frame, { method, path, body }) => {
      const base = `/api/ext/${frame.dataset.plugin}`;
      const at = new URL(base + path, location.origin);
      if (!path.startsWith("/") || at.origin !== location.origin || !(at.pathname + "/").startsWith(base + "/")) throw refusal("ui.bad_question", "path must be one of the plugin's own.");
      if (!["GET", "POST", "PUT", "PATCH", "DELETE"].includes(method)) throw refusal("ui.bad_question", "method must be GET, POST, PUT, PATCH or DELETE.");
      return send(at.pathname + at.search, method, frame, method === "GET" ? null : body);
    },
    resize: (frame, { height }) => { frame.height = String(Math.round(Math.min(Math.max(height, 40), MOST.height))); return null; },
    say: (frame, { text }) => {
      const said = document.createElement("div");
      said.className = "alert alert-info";
      said.textContent = `${frame.dataset.label}: ${text.slice(0, MOST.text)}`;
      document.getElementById("messages").replaceChildren(said);
      setTimeout(() => said.remove(), 8000);
      return null;
    },
    go: (frame, { to }) => {
      if (!/^[A-Za-z_][A-Za-z0-9_-]{0,79}$/.test(to)) throw refusal("ui.bad_question", "to must be the name of a page of the plugin.");
      location.assign(`/ext/${frame.dataset.plugin}/${to}`);
      return null;
    },
  };

  const send = async (address, method, frame, body) => {
    const headers = { "X-CSRF-Token": frame.dataset.csrf, Accept: "application/json" };
    if (body !== null) headers["Content-Type"] = "application/json";
    const got = await fetch(address, { method, headers, body: body === null ? undefined : JSON.stringify(body), credentials: "same-origin", redirect: "error", signal: AbortSignal.timeout(MOST.seconds * 1000) });
    const answer = got.status === 204 ? null : await got.json().catch(() => null);
    if (!got.ok) throw refusal(answer?.code ?? "ui.bridge", answer?.message ?? "The host could not answer.");
    return answer;
  };

  // A change of theme reaches the frames, too.
  new MutationObserver(() => frames().forEach((frame) => ports.get(frame)?.postMessage({ changed: { theme: contextOf(frame).theme } })))
    .observe(document.documentElement, { attributes: true, attributeFilter: ["data-bs-theme"] });

  // A frame that never says anything is said to be silent, and can be begun anew.
  const watch = (root) => root.querySelectorAll?.("iframe[data-plugin]:not([data-watched])").forEach((frame) => {
    frame.dataset.watched = "yes";
    setTimeout(() => { if (!frame.dataset.ready) frame.parentElement.querySelector("[data-silent]")?.removeAttribute("hidden"); }, MOST.seconds * 1000);
  });
  watch(document);
  document.addEventListener("htmx:after:swap", () => watch(document));
  document.addEventListener("click", ({ target }) => {
    const again = target.closest?.("[data-again]");
    if (!again) return;
    const frame = again.closest("[data-framed]").querySelector("iframe");
    delete frame.dataset.watched; delete frame.dataset.ready;
    again.closest("[data-silent]").setAttribute("hidden", "");
    frame.src = frame.src;
    watch(document);
  });
})();
