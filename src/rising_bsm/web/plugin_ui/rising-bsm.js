// The author's end of the bridge: `await risingBsm.ready` tells where the frame is shown, `risingBsm.call(...)` asks the host.
// globalThis, so that scripts and modules find it alike.
globalThis.risingBsm = (() => {
  let port, next = 1;
  const waiting = new Map();
  const told = new Set();

  const hear = ({ data }) => {
    if (data.changed) { Object.assign(context, data.changed); dress(); told.forEach((tell) => tell(context)); return; }
    const asked = waiting.get(data.id);
    if (!asked) return;
    waiting.delete(data.id);
    if ("error" in data) asked.reject(Object.assign(new Error(data.error.message), data.error)); else asked.resolve(data.result);
  };

  const context = {};
  const dress = () => {
    document.documentElement.dataset.theme = context.theme;
    document.documentElement.style.colorScheme = context.theme;
    document.documentElement.lang = context.locale;
  };

  const ready = new Promise((resolve) => addEventListener("message", ({ source, data, ports }) => {
    if (port || source !== parent || data?.type !== "rising-bsm:port" || !ports[0]) return;
    port = ports[0];
    port.onmessage = hear;
    Object.assign(context, data.context);
    dress();
    new ResizeObserver(() => ask("resize", { height: Math.ceil(document.documentElement.getBoundingClientRect().height) }).catch(() => {}))
      .observe(document.documentElement);
    resolve(context);
  }));

  const ask = async (method, params) => {
    await ready;
    return new Promise((resolve, reject) => {
      const id = next++;
      waiting.set(id, { resolve, reject });
      port.postMessage({ id, method, params });
    });
  };

  // Until somebody answers: the frame may be there before the page's own scripts are.
  const knock = () => port ? clearInterval(knocking) : parent.postMessage({ type: "rising-bsm:ready" }, "*");
  const knocking = setInterval(knock, 200);
  knock();

  return Object.freeze({
    ready,
    call: (name, args = {}) => ask("call", { function: name, arguments: args }),
    request: (method, path, body = null) => ask("request", { method, path, body }),
    say: (text) => ask("say", { text }),
    go: (to) => ask("go", { to }),
    onChange: (tell) => told.add(tell),
  });
})();
