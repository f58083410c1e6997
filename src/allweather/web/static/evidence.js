// Keys for going through proposals, and the page anew once a document has been read. Without scripts: links.
"use strict";
(function () {
  var hint = document.querySelector(".js-only");
  if (hint) { hint.hidden = false; }
  function places() { return Array.prototype.slice.call(document.querySelectorAll(".acts article.quotation")); }
  function isWriting(node) { return !!node.closest("input, textarea, select, [contenteditable]"); }
  function go(step) {
    var all = places(), here = all.indexOf(document.activeElement && document.activeElement.closest("article.quotation"));
    var next = all[here < 0 ? (step > 0 ? 0 : all.length - 1) : here + step];
    if (next) { next.focus(); next.scrollIntoView({ block: "center" }); }
  }
  document.addEventListener("keydown", function (event) {
    // Single letters only where the focus is among the proposals, so that they disturb nobody elsewhere.
    if (event.ctrlKey || event.metaKey || event.altKey || isWriting(event.target)) { return; }
    if (!event.target.closest(".acts")) { return; }
    if (event.key === "j" || event.key === "k") { go(event.key === "j" ? 1 : -1); event.preventDefault(); return; }
    var place = event.target.closest("article.quotation");
    var part = place && place.querySelector("details[data-key='" + CSS.escape(event.key) + "']");
    if (!part) { return; }
    part.open = true;
    part.querySelector("button, input:not([type=hidden]), textarea, select").focus();
    event.preventDefault();
  });
  document.body.addEventListener("htmx:afterSwap", function () {
    if (document.querySelector("[data-reading]") && !document.querySelector("#reading")) { location.reload(); }
  });
}());
