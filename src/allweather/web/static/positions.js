// The matrix, for who has scripts: one stop of the tab key and arrow keys from cell to cell; the address follows
// the filters; and where the server sends the matrix again, rows that say the same stay as they are.
"use strict";
(function () {
  var last = null, stop = null;

  function put(cell) {
    if (stop && stop !== cell) { stop.tabIndex = -1; }
    stop = cell;
    if (cell) { cell.tabIndex = 0; }
  }

  // All cells but one are left out of the row of stops; parts that are not shown yet cost nothing.
  function quiet(part) {
    part.querySelectorAll(".matrix td.c a").forEach(function (one) { one.setAttribute("tabindex", "-1"); });
  }

  function settle() {
    var found = last === null ? null : document.querySelector('.matrix td.c a[href="' + CSS.escape(last) + '"]');
    put(found || document.querySelector(".matrix td.c a"));
  }

  function go(cell, down, right) {
    var row = cell.parentNode, column = Array.prototype.indexOf.call(row.children, cell);
    var rows = Array.prototype.slice.call(cell.closest("table").querySelectorAll("tbody tr"));
    var at = rows.indexOf(row);
    for (;;) {
      at += down;
      column += right;
      row = rows[at];
      if (!row || column < 1 || (right && column >= row.children.length)) { return null; }
      var found = row.children[column] && row.children[column].querySelector("a");
      if (found) { return found; }
    }
  }

  // Makes the children of `before` those of `after`, by their names. What says the same is not touched: it
  // keeps its place on the screen, and whoever stands on it stays there. `mend` is for those that go on.
  function follow(before, after, place, mend) {
    var known = new Map();
    Array.prototype.slice.call(before.children).forEach(function (one) {
      if (one.dataset.row !== undefined) { known.set(one.dataset.row, one); }
    });
    Array.prototype.slice.call(after.children).forEach(function (one) {
      if (one.dataset.row === undefined) { return; }
      var old = known.get(one.dataset.row);
      known.delete(one.dataset.row);
      if (!old) { before.insertBefore(one, place); return; }
      if (old === place) { place = place.nextElementSibling; } else { before.insertBefore(old, place); }
      mend(old, one);
    });
    known.forEach(function (one) { one.remove(); });
  }

  function mendRow(old, row) { if (!old.isEqualNode(row)) { old.replaceWith(row); } }

  function mendBody(old, body) { follow(old, body, old.firstElementChild, mendRow); }

  function patch(part, html) {
    var made = document.createElement("template");
    made.innerHTML = html;
    quiet(made.content);
    if (stop) { stop.tabIndex = -1; }
    var before = part.querySelector(".matrix"), after = made.content.querySelector(".matrix");
    if (before && after && before.tHead.isEqualNode(after.tHead)) {
      follow(before, after, before.tHead.nextElementSibling, mendBody);
      part.querySelector("[role=status]").replaceWith(made.content.querySelector("[role=status]"));
    } else {
      part.replaceChildren(made.content);
    }
    settle();
  }

  window.addEventListener("htmx:beforeSwap", function (event) {
    var detail = event.detail;
    if (detail.shouldSwap && detail.target && detail.target.id === "fresh") {
      detail.shouldSwap = false;
      patch(detail.target, detail.serverResponse);
    }
  });
  document.addEventListener("htmx:beforeRequest", function (event) {
    if (event.target.id === "filters") { history.replaceState(null, "", event.detail.pathInfo.finalRequestPath); }
  });
  document.addEventListener("keydown", function (event) {
    var step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    var cell = step && event.target.closest && event.target.closest(".matrix td.c");
    if (!cell || event.ctrlKey || event.metaKey || event.altKey) { return; }
    event.preventDefault();
    var next = go(cell, step[0], step[1] * (document.documentElement.dir === "rtl" ? -1 : 1));
    if (next) {
      put(next);
      last = next.getAttribute("href");
      next.focus();
      next.scrollIntoView({ block: "nearest", inline: "nearest" });
    }
  });
  document.addEventListener("focusin", function (event) {
    if (event.target.matches(".matrix td.c a")) { last = event.target.getAttribute("href"); }
  });
  document.addEventListener("mouseover", function (event) {
    if (event.target.matches(".matrix td.c a")) { event.target.title = event.target.getAttribute("aria-label"); }
  });
  document.addEventListener("mouseout", function (event) {
    if (event.target.matches(".matrix td.c a")) { event.target.removeAttribute("title"); }
  });
  document.addEventListener("DOMContentLoaded", function () {
    quiet(document);
    settle();
  });
})();
