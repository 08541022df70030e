// Copying a text, and sending a bundle with a bar that shows how far it is. Without this the forms are sent as ever.
(() => {
  const buttons = document.querySelectorAll("button[data-copy]");
  const select = (button) => {
    const range = document.createRange();
    range.selectNodeContents(button.parentElement.querySelector("code"));
    getSelection().removeAllRanges();
    getSelection().addRange(range);
  };
  buttons.forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", async () => {
      // A page that came without TLS has no clipboard: what is selected can be copied by hand.
      try { await navigator.clipboard.writeText(button.dataset.copy); } catch { select(button); return; }
      button.querySelector("span").textContent = button.dataset.copied;
    });
  });

  const form = document.querySelector("form[data-upload]");
  if (!form) return;
  const shown = form.querySelector(".upload-progress"), bar = shown.querySelector("progress"), said = shown.querySelector("span");
  const send = form.querySelector("button:not([type=button])"), problem = document.getElementById("upload-problem");
  const done = () => { shown.hidden = true; send.disabled = false; };

  const refuse = (error) => {
    done();
    const alert = document.createElement("div"), code = document.createElement("div");
    alert.className = "alert alert-danger"; alert.setAttribute("role", "alert"); alert.tabIndex = -1;
    code.className = "code-line"; code.textContent = [error.code, error.place].filter(Boolean).join(" · ");
    const text = document.createElement("div");
    text.append([error.message, error.next_step].filter(Boolean).join(" "), code);
    alert.append(text);
    problem.replaceChildren(alert);
    alert.focus();
  };

  form.addEventListener("submit", (given) => {
    given.preventDefault();
    given.stopPropagation();
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("X-CSRF-Token", form.elements.csrf_token.value);
    request.upload.onprogress = (part) => { bar.value = part.lengthComputable ? 100 * part.loaded / part.total : 0; };
    request.upload.onload = () => { bar.removeAttribute("value"); said.textContent = form.dataset.checking; };
    request.onload = () => {
      let answer = {};
      try { answer = JSON.parse(request.responseText); } catch { /* said below */ }
      if (request.status === 201) location.assign(answer.at); else refuse({ message: request.statusText, ...answer });
    };
    request.onerror = () => form.submit();
    problem.replaceChildren();
    shown.hidden = false; send.disabled = true; bar.value = 0; said.textContent = form.dataset.sending;
    request.send(new FormData(form));
  });
})();
