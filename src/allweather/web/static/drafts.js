// Words that are selected in a clause are put into the forms, so that nobody has to paste them.
"use strict";
(function () {
  var hint = document.querySelector(".js-only");
  if (hint) { hint.hidden = false; }
  function clauseOf(node) {
    var one = node && (node.nodeType === 1 ? node : node.parentElement);
    return one && one.closest(".clause.base");
  }
  document.addEventListener("selectionchange", function () {
    var chosen = document.getSelection();
    if (!chosen || chosen.isCollapsed || !chosen.rangeCount) { return; }
    var clause = clauseOf(chosen.anchorNode);
    if (!clause || clause !== clauseOf(chosen.focusNode)) { return; }
    var words = chosen.toString().trim();
    if (!words) { return; }
    var range = document.createRange();
    range.setStart(clause, 0);
    range.setEnd(chosen.getRangeAt(0).startContainer, chosen.getRangeAt(0).startOffset);
    var lead = chosen.toString().length - chosen.toString().trimStart().length;
    var begin = range.toString().length + lead, text = clause.textContent, n = 0, which = 0, at = -1;
    while ((at = text.indexOf(words, at + 1)) !== -1) { n += 1; if (at === begin) { which = n; } }
    document.querySelectorAll("form.paste").forEach(function (form) {
      form.elements.clause.value = clause.dataset.clause;
      form.elements.find.value = words;
      form.elements.which.value = n > 1 && which ? which : "";
    });
  });
}());
