// Small helps for pages that work without them: what a reader does is not disturbed where a part is drawn again.
"use strict";
document.addEventListener("htmx:sseOpen", function () {
  document.documentElement.classList.add("is-live");
});
(function () {
  var STOPS = "a[href], summary, button, input, select, textarea, [tabindex]";
  var opened = [], stood = null;

  // What tells a thing from others of its sort, in the part as it was and as it will be.
  function keyOf(one) {
    return one.tagName + " " + (one.id || one.getAttribute("href") || one.getAttribute("aria-label")
      || (one.parentNode.tagName === "DETAILS" && one.parentNode.id) || one.textContent.trim());
  }

  // Each thing of a sort that is shown, with its key; of several with one key also which of them it is.
  function named(part, selector, key) {
    var times = new Map();
    var shown = Array.prototype.filter.call(part.querySelectorAll(selector), function (one) {
      return one.getClientRects().length;
    });
    return shown.map(function (one) {
      var name = key(one), n = times.get(name) || 0;
      times.set(name, n + 1);
      return [name + " " + n, one];
    });
  }

  function titleOf(one) {
    var title = one.querySelector("summary");
    return one.id || (title ? title.textContent.trim() : "");
  }

  document.addEventListener("htmx:beforeSwap", function (event) {
    var part = event.detail.target, held = document.activeElement;
    opened = [];
    stood = null;
    if (!part) { return; }
    opened = named(part, "details", titleOf).map(function (one) { return [one[0], one[1].open]; });
    if (held === document.body || !part.contains(held)) { return; }
    // Whoever writes within a part that would be replaced is not disturbed.
    if (/^(INPUT|TEXTAREA|SELECT)$/.test(held.tagName)) { event.detail.shouldSwap = false; return; }
    var stops = named(part, STOPS, keyOf);
    var at = stops.findIndex(function (one) { return one[1] === held; });
    stood = { name: at < 0 ? "" : stops[at][0], at: at };
  });

  document.addEventListener("htmx:afterSwap", function (event) {
    var part = event.detail.target, was = new Map(opened);
    named(part, "details", titleOf).forEach(function (one) {
      if (was.has(one[0])) { one[1].open = was.get(one[0]); }
    });
    opened = [];
    if (!stood || part.contains(document.activeElement)) { stood = null; return; }
    // Whoever stood on a link stands on the same again; if it is gone, on what has come to its place.
    var stops = named(part, STOPS, keyOf);
    var same = stops.find(function (one) { return one[0] === stood.name; });
    var next = same || stops[Math.min(Math.max(stood.at, 0), stops.length - 1)];
    stood = null;
    if (next) { next[1].focus({ preventScroll: Boolean(same) }); } else { document.getElementById("main").focus(); }
  });

  // On paper all is open that can be read; on the screen it is as it was again afterwards.
  var shut = [];
  window.addEventListener("beforeprint", function () {
    shut = Array.prototype.slice.call(document.querySelectorAll("details:not(.act):not([open])"));
    shut.forEach(function (one) { one.open = true; });
  });
  window.addEventListener("afterprint", function () {
    shut.forEach(function (one) { one.open = false; });
    shut = [];
  });
})();
