// Passkeys: make one for whoever is signed in, or sign in with one. Without this, a passphrase does the same.
"use strict";
(function () {
  if (!window.PublicKeyCredential || !navigator.credentials) { return; }
  function toBytes(text) {
    var plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, function (one) { return one.charCodeAt(0); });
  }
  function toText(buffer) {
    var plain = "";
    new Uint8Array(buffer).forEach(function (one) { plain += String.fromCharCode(one); });
    return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  }
  async function send(where, fields) {
    var answer = await fetch(where, { method: "POST", body: new URLSearchParams(fields), credentials: "same-origin" });
    var value = await answer.json();
    if (!answer.ok) { throw new Error(value.error); }
    return value;
  }
  function listed(one) { return Object.assign({}, one, { id: toBytes(one.id) }); }
  function packed(made) {
    var response = { clientDataJSON: toText(made.response.clientDataJSON) };
    ["attestationObject", "authenticatorData", "signature", "userHandle"].forEach(function (name) {
      if (made.response[name]) { response[name] = toText(made.response[name]); }
    });
    return JSON.stringify({ id: made.id, rawId: toText(made.rawId), type: made.type, response: response, clientExtensionResults: {} });
  }
  async function add(form) {
    var token = form.elements.token.value;
    var begun = await send("/passkeys/begin", { token: token });
    var options = begun.options.publicKey;
    options.challenge = toBytes(options.challenge);
    options.user.id = toBytes(options.user.id);
    options.excludeCredentials = (options.excludeCredentials || []).map(listed);
    var made = await navigator.credentials.create({ publicKey: options });
    return send("/passkeys/finish", { token: token, id: begun.id, data: packed(made), name: form.elements.name.value });
  }
  async function signIn(form) {
    var begun = await send("/passkeys/sign-in/begin", {});
    var options = begun.options.publicKey;
    options.challenge = toBytes(options.challenge);
    options.allowCredentials = (options.allowCredentials || []).map(listed);
    var made = await navigator.credentials.get({ publicKey: options });
    return send("/passkeys/sign-in/finish", { id: begun.id, data: packed(made), back: form.elements.back.value });
  }
  function join(selector, act) {
    var form = document.querySelector(selector);
    if (!form) { return; }
    form.hidden = false;
    document.querySelectorAll(".no-passkeys").forEach(function (one) { one.hidden = true; });
    form.addEventListener("submit", async function (event) {
      event.preventDefault();
      var fault = form.querySelector(".fault");
      fault.hidden = true;
      try {
        window.location.assign((await act(form)).next);
      } catch (error) {
        fault.textContent = error.message;
        fault.hidden = false;
      }
    });
  }
  join("form.passkey-add", add);
  join("form.passkey-sign-in", signIn);
}());
