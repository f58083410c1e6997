// Small helps for pages that work without them: a time zone is offered, and a page that is printed opens up.
"use strict";
document.addEventListener("htmx:sseOpen", function () {
  document.documentElement.classList.add("is-live");
});
document.addEventListener("htmx:beforeSwap", function (event) {
  // Whoever writes or reads within a part that would be replaced is not disturbed: the part is told as new.
  var part = event.detail.target;
  if (part && part.contains(document.activeElement) && document.activeElement !== document.body) {
    event.detail.shouldSwap = !/^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement.tagName);
  }
});
// What a reader has opened (it has an id) stays open when its part is redrawn.
var opened = [];
document.addEventListener("htmx:beforeSwap", function (event) {
  var all = event.detail.target ? event.detail.target.querySelectorAll("details[id]") : [];
  opened = Array.prototype.map.call(all, function (one) { return [one.id, one.open]; });
});
document.addEventListener("htmx:afterSwap", function () {
  opened.forEach(function (one) {
    var found = document.getElementById(one[0]);
    if (found) { found.open = one[1]; }
  });
  opened = [];
});
window.addEventListener("beforeprint", function () {
  document.querySelectorAll("details:not(.act)").forEach(function (one) { one.open = true; });
});
