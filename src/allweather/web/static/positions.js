// The matrix, for who has scripts: one stop of the tab key and arrow keys from cell to cell; filters in place;
// and where the server sends the matrix again, what says the same stays as it is.
//
// The page asks for the whole matrix only, and leaves out here what the filters leave out: the same rows and
// cells that the server would draw for the same address. The address follows, for a reload and for others.
"use strict";
(function () {
  var last = null, stop = null;
  // The whole matrix, if it is here: heads, areas and rows, with all their cells whether they are shown or not.
  var whole = null;
  // What the server has found for words that cannot be searched for here: {asked, ids}.
  var found = null;
  // As of when the whole matrix is shown, in seconds since 1970; empty for now, and where it is not known.
  var since = "";
  // What stood here before a time as of which there was nothing: most of it comes again. It is as of `since`.
  var kept = null;

  function all(part, selector) { return Array.from(part.querySelectorAll(selector)); }

  function put(cell) {
    if (stop && stop !== cell) { stop.tabIndex = -1; }
    stop = cell;
    if (cell) { cell.tabIndex = 0; }
  }

  // All cells but one are left out of the row of stops; parts that are not shown yet cost nothing.
  function quiet(part) {
    all(part, ".matrix td.c a").forEach(function (one) { one.setAttribute("tabindex", "-1"); });
  }

  function settle() {
    var cell = last === null ? null : document.querySelector('.matrix td.c a[href="' + CSS.escape(last) + '"]');
    put(cell || document.querySelector(".matrix td.c a"));
  }

  function go(cell, down, right) {
    var row = cell.parentNode, column = Array.prototype.indexOf.call(row.children, cell);
    var rows = all(cell.closest("table"), "tbody tr"), at = rows.indexOf(row);
    for (;;) {
      at += down;
      column += right;
      row = rows[at];
      if (!row || column < 1 || (right && column >= row.children.length)) { return null; }
      var next = row.children[column] && row.children[column].querySelector("a");
      if (next) { return next; }
    }
  }

  // Makes the children of `parent` those wanted, in their order; what stays is not touched.
  function arrange(parent, wanted) {
    var stays = new Set(wanted), place = null;
    Array.from(parent.children).forEach(function (one) { if (!stays.has(one)) { one.remove(); } });
    place = parent.firstElementChild;
    wanted.forEach(function (one) {
      if (one === place) { place = place.nextElementSibling; } else { parent.insertBefore(one, place); }
    });
  }

  // What the whole matrix is made of, read once it is here.
  function read() {
    var table = document.querySelector(".matrix"), part = document.querySelector(".reading[data-whole]");
    if (!part || part.querySelector("tr:empty")) { return null; }
    if (!table) { return { part: part, heads: [], bodies: [], rows: [] }; }
    var lines = Array.from(table.tHead.rows);
    var made = {
      part: part, table: table, field: table.closest(".field-of"), kinds: new Map(JSON.parse(table.dataset.kinds)), columns: "",
      heads: all(table.tHead, ".column"), blocs: [], lines: lines,
      firsts: lines.map(function (one) { return one.cells[0]; }), bodies: [], rows: [],
    };
    var next = 0;
    all(table.tHead, ".bloc").forEach(function (one) {
      made.blocs.push({ head: one, members: new Set(made.heads.slice(next, next + one.colSpan)) });
      next += one.colSpan;
    });
    Array.from(table.tBodies).forEach(function (body) {
      var one = { body: body, area: body.dataset.row, head: null, rows: [] };
      Array.from(body.rows).forEach(function (row) {
        if (row.classList.contains("in")) { one.head = row; return; }
        var cells = Array.from(row.cells);
        one.rows.push({
          row: row, id: row.dataset.row, area: one.area, said: row.dataset.said, head: cells.shift(), cells: cells, columns: "",
        });
      });
      made.bodies.push(one);
      made.rows = made.rows.concat(one.rows);
    });
    return made;
  }

  // How a row divides among the members that are shown.
  function tally(svg, cells) {
    var n = {}, start = 0, parts = [];
    cells.forEach(function (one) {
      var response = /(?:^| )r-(\S+)/.exec(one.className);
      if (response) { response = whole.kinds.has(response[1]) ? response[1] : ""; n[response] = (n[response] || 0) + 1; }
    });
    whole.kinds.forEach(function (kind, response) {
      if (!n[response]) { return; }
      var part = document.createElementNS("http://www.w3.org/2000/svg", "rect");
      part.setAttribute("x", start);
      part.setAttribute("width", n[response]);
      part.setAttribute("height", 5);
      part.setAttribute("class", kind);
      parts.push(part);
      start += n[response];
    });
    svg.setAttribute("viewBox", "0 0 " + cells.length + " 5");
    svg.replaceChildren.apply(svg, parts);
  }

  function chosen(list, isShown) { return list.filter(function (_, k) { return isShown[k]; }); }

  // The headings of these columns.
  function name(isShown) {
    var heads = chosen(whole.heads, isShown), at = whole.lines.length - 1;
    arrange(whole.lines[at], [whole.firsts[at]].concat(heads));
    if (!at) { return; }
    arrange(whole.lines[0], [whole.firsts[0]].concat(whole.blocs.filter(function (one) {
      var span = heads.filter(function (head) { return one.members.has(head); }).length;
      one.head.colSpan = span || 1;
      return span > 0;
    }).map(function (one) { return one.head; })));
  }

  // The cells of these columns in a row, unless they stand there.
  function fill(row, isShown, key) {
    if (row.columns === key) { return; }
    var cells = chosen(row.cells, isShown);
    arrange(row.row, [row.head].concat(cells));
    tally(row.head.querySelector(".tally"), cells);
    row.columns = key;
  }

  // Shows the columns for which a flag is set, and the rows that fit. `key` tells these columns from others.
  function show(isShown, key, fits) {
    var n = isShown.filter(Boolean).length, n_rows = 0, bodies = [];
    if (!whole.table) { return; }
    if (whole.columns !== key) { name(isShown); }
    whole.columns = key;
    whole.bodies.forEach(function (one) {
      var rows = one.rows.filter(fits);
      if (!rows.length) { return; }
      n_rows += rows.length;
      rows.forEach(function (row) { fill(row, isShown, key); });
      rows = rows.map(function (row) { return row.row; });
      if (one.head) { one.head.cells[1].colSpan = n || 1; }
      arrange(one.body, one.head ? [one.head].concat(rows) : rows);
      bodies.push(one.body);
    });
    arrange(whole.table, [whole.table.caption, whole.table.tHead].concat(bodies));
    whole.field.hidden = whole.field.previousElementSibling.hidden = !n || !n_rows;
    whole.part.querySelector(".nothing").hidden = !whole.field.hidden;
    tell(".n-texts", n_rows);
    tell(".n-members", n);
  }

  function tell(selector, n) {
    var one = whole.part.querySelector(selector);
    one.textContent = JSON.parse(one.dataset.counts)[n];
  }

  // Letters for which small and large ones are paired here as on the server; it looks for all other words.
  var PLAIN = /^[ -~\u00c0-\u00d6\u00d8-\u00de\u00e0-\u00f6\u00f8-\u00fe\u0401\u0410-\u044f\u0451]*$/;

  function asked() {
    var given = new FormData(document.getElementById("filters")), slider = document.getElementById("at"), made = {};
    ["q", "area", "bloc", "member"].forEach(function (name) { if (given.get(name)) { made[name] = given.get(name); } });
    if (slider.value !== slider.max) { made.at = slider.value; }
    return made;
  }

  // The address follows when nothing has moved for a while: browsers allow but few changes of it.
  var place = null;

  function remember(given) {
    clearTimeout(place);
    place = setTimeout(function () { history.replaceState(null, "", address(given)); }, 50);
  }

  function address(given) {
    var query = new URLSearchParams(given).toString();
    return "/positions" + (query ? "?" + query : "");
  }

  // The texts in which all words stand: a function from a row, or nothing while the server is asked.
  function fitting(given) {
    var words = (given.q || "").toLowerCase().split(" ").filter(Boolean);
    var isHere = !words.length || (PLAIN.test(given.q) && whole.rows.every(function (one) { return one.said !== undefined; }));
    if (isHere) {
      return function (row) { return words.every(function (word) { return row.said.indexOf(word) >= 0; }); };
    }
    var where = address(given.at ? { q: given.q, at: given.at } : { q: given.q });
    if (found && found.where === where) {
      return found.ids && function (row) { return found.ids.has(row.id); };
    }
    var mine = found = { where: where, ids: null };
    fetch(where, { headers: { "HX-Request": "true" } }).then(function (answer) {
      if (!answer.ok) { throw new Error("no answer"); }
      return answer.text();
    }).then(function (html) {
      var made = document.createElement("template");
      made.innerHTML = html;
      mine.ids = new Set(all(made.content, ".matrix tbody tr:not(.in)").map(function (one) { return one.dataset.row; }));
      if (mine === found) { filter(); }
    }).catch(function () { if (mine === found) { found = null; } });
    return null;
  }

  // Shows what is asked for, if the whole is here, and tells so; otherwise asks for the whole, which then comes here.
  function filter() {
    var given = asked();
    remember(given);
    if (!whole) { whole = read(); }
    if (!whole) {
      if (window.htmx) { window.htmx.trigger("#filters", "whole"); }
      return;
    }
    var fits = fitting(given);
    if (!fits) { return; }
    var isShown = whole.heads.map(function (one) {
      return (!given.bloc || given.bloc === one.dataset.bloc) && (!given.member || given.member === one.dataset.member);
    });
    show(isShown, given.bloc || given.member ? JSON.stringify([given.bloc, given.member]) : "", function (row) {
      return (given.area === undefined || given.area === row.area) && fits(row);
    });
    settle();
    document.dispatchEvent(new CustomEvent("matrix:shown"));
  }

  // Makes the children of `before` those of `after`, by their names. What says the same is not touched: it
  // keeps its place on the screen, and whoever stands on it stays there. `mend` is for those that go on.
  function follow(before, after, mend) {
    var known = new Map();
    Array.from(before.children).forEach(function (one) {
      if (one.dataset.row !== undefined) { known.set(one.dataset.row, one); }
    });
    arrange(before, Array.from(after.children).map(function (one) {
      var old = known.get(one.dataset.row);
      return old ? mend(old, one) : one.dataset.row === undefined ? before.querySelector(":scope > " + one.localName) : one;
    }));
  }

  // A row that is empty was not sent again: the server took it for one that is here. Its sum must say the same.
  function mendRow(old, row) {
    if (row.dataset.sum === undefined) { return old.isEqualNode(row) ? old : row; }
    if (row.dataset.sum === old.dataset.sum) { return old; }
    if (row.cells.length !== old.cells.length) { return row; }
    ["sum", "said"].forEach(function (name) {
      if (row.dataset[name] === undefined) { delete old.dataset[name]; } else { old.dataset[name] = row.dataset[name]; }
    });
    var cells = Array.from(row.cells);
    Array.from(old.cells).forEach(function (one, k) { if (!one.isEqualNode(cells[k])) { one.replaceWith(cells[k]); } });
    return old;
  }

  function mendBody(old, body) {
    follow(old, body, mendRow);
    return old;
  }

  // Puts what the server sends in the place of what is shown: the whole, of which filters leave out again.
  function patch(part, html) {
    var made = document.createElement("template");
    made.innerHTML = html;
    quiet(made.content);
    if (stop) { stop.tabIndex = -1; }
    if (whole) { show(whole.heads.map(function () { return true; }), "", function () { return true; }); }
    var before = part.querySelector(".matrix"), after = made.content.querySelector(".matrix");
    if (kept && after) {
      part.replaceChildren.apply(part, kept);
      kept = null;
      whole = read();
      before = part.querySelector(".matrix");
    }
    var isMended = whole && before && after && before.tHead.isEqualNode(after.tHead);
    if (isMended) {
      follow(before, after, mendBody);
      part.querySelector("[role=status]").replaceWith(made.content.querySelector("[role=status]"));
      whole.part.dataset.at = made.content.querySelector(".reading").dataset.at;
    }
    if ((isMended ? part : made.content).querySelector(".matrix tr:empty")) {
      whole = null;
      since = "";
      window.htmx.trigger("#filters", "whole");
      return;
    }
    if (whole && before && !after) { kept = Array.from(part.childNodes); }
    if (!isMended) {
      part.replaceChildren(made.content);
    }
    whole = read();
    if (!kept) { since = whole ? whole.part.dataset.at : ""; }
    found = null;
    filter();
  }

  window.addEventListener("htmx:beforeSwap", function (event) {
    var detail = event.detail;
    if (detail.shouldSwap && detail.target && detail.target.id === "fresh") {
      detail.shouldSwap = false;
      patch(detail.target, detail.serverResponse);
    }
  });
  document.addEventListener("htmx:configRequest", function (event) {
    if (event.target.id !== "filters" && event.target.id !== "fresh") { return; }
    var given = asked(), detail = event.detail;
    detail.path = "/positions";
    ["q", "area", "bloc", "member", "latest", "at", "since"].forEach(function (name) { delete detail.parameters[name]; });
    if (given.at) { detail.parameters.at = given.at; }
    if (given.at && since) { detail.parameters.since = since; }
    if (event.target.id === "filters") { remember(given); }
  });
  ["input", "change"].forEach(function (kind) {
    document.addEventListener(kind, function (event) {
      if (event.target.closest("#filters") && event.target.id !== "at") { filter(); }
    });
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
  // A page that was drawn with filters has not the rest: it is fetched once all else is there.
  window.addEventListener("load", function () { if (!document.querySelector(".reading[data-whole]")) { filter(); } });
})();
