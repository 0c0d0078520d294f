(function () {
  "use strict";
  function text(cell) {
    var copy = cell.cloneNode(true);
    copy.querySelectorAll("sup").forEach(function (mark) { mark.remove(); });
    return copy.textContent.trim();
  }
  function value(row, column) {
    var cell = row.cells[column];
    if (!cell) { return null; }
    var raw = cell.dataset.v === undefined ? text(cell) : cell.dataset.v;
    if (raw === "" || raw === "—") { return null; }
    if (!/^[+-]?[\d,]*\.?\d+(e[+-]?\d+)?%?$/i.test(raw)) { return raw; }
    return parseFloat(raw.replace(/[,%]/g, ""));
  }
  var chinese = new Intl.Collator("zh-CN", { numeric: true });
  function compare(a, b) {
    if (typeof a === "number" && typeof b === "number") { return a - b; }
    if (typeof a !== typeof b) { return typeof a === "number" ? -1 : 1; }
    return chinese.compare(a, b);
  }
  function sort(table, column, header) {
    var down = header.getAttribute("aria-sort") === "ascending";
    var body = table.tBodies[0];
    var rows = Array.prototype.slice.call(body.rows).map(function (row) { return [value(row, column), row]; });
    rows.sort(function (x, y) {
      if (x[0] === null || y[0] === null) { return (x[0] === null) - (y[0] === null); }
      return (down ? -1 : 1) * compare(x[0], y[0]);
    });
    rows.forEach(function (pair) { body.appendChild(pair[1]); });
    Array.prototype.forEach.call(table.tHead.rows[0].cells, function (cell) { cell.removeAttribute("aria-sort"); });
    header.setAttribute("aria-sort", down ? "descending" : "ascending");
  }
  function tsv(table) {
    var rows = [table.tHead.rows[0]].concat(Array.prototype.filter.call(table.tBodies[0].rows, function (row) { return !row.hidden; }));
    return rows.map(function (row) {
      return Array.prototype.map.call(row.cells, function (cell) {
        // Spreadsheets know the hyphen as a minus, not the sign that is printed.
        var shown = text(cell).replace(/\s+/g, " ").replace(/^\u2212(?=[\d,.]+%?$)/, "-");
        // A pasted cell must stay text: a spreadsheet would run what begins like a formula.
        return /^[=@+-]/.test(shown) && !/^[+-]?[\d,]*\.?\d+%?$/.test(shown) ? "'" + shown : shown;
      }).join("\t");
    }).join("\n");
  }
  function copy(content, done) {
    function old() {
      var area = document.createElement("textarea");
      area.value = content;
      document.body.appendChild(area);
      area.select();
      var ok = document.execCommand("copy");
      area.remove();
      done(ok);
    }
    if (navigator.clipboard && window.isSecureContext) {
      navigator.clipboard.writeText(content).then(function () { done(true); }, old);
    } else { old(); }
  }
  function element(tag, attributes, content) {
    var node = document.createElement(tag);
    Object.keys(attributes).forEach(function (key) { node.setAttribute(key, attributes[key]); });
    node.textContent = content || "";
    return node;
  }
  document.querySelectorAll("table.ys-table").forEach(function (table) {
    if (!table.tHead || !table.tBodies.length) { return; }
    var rows = table.tBodies[0].rows, total = rows.length;
    if (total < 2) { return; }
    Array.prototype.forEach.call(table.tHead.rows[0].cells, function (header, column) {
      // Not a <button>: Chromium leaves form controls out of table heads repeated on printed pages.
      var button = element("span", { role: "button", tabindex: "0", title: "按此列排序" }, header.textContent);
      header.textContent = "";
      header.appendChild(button);
      button.addEventListener("click", function () { sort(table, column, header); });
      button.addEventListener("keydown", function (event) {
        if (event.key === "Enter" || event.key === " ") { event.preventDefault(); sort(table, column, header); }
      });
    });
    var tools = element("div", { "class": "tools" });
    if (total > 8) {
      var box = element("input", { type: "search", placeholder: "筛选本表…", "aria-label": "筛选本表" });
      var count = element("span", { "aria-live": "polite" }, "共 " + total + " 行");
      box.addEventListener("input", function () {
        var words = box.value.trim().toLowerCase().split(/\s+/), seen = 0;
        Array.prototype.forEach.call(rows, function (row) {
          var line = row.textContent.toLowerCase();
          row.hidden = !words.every(function (word) { return line.indexOf(word) >= 0; });
          if (!row.hidden) { seen += 1; }
        });
        count.textContent = seen === total ? "共 " + total + " 行" : "显示 " + seen + " 行，共 " + total + " 行";
      });
      tools.appendChild(box);
      tools.appendChild(count);
    }
    var button = element("button", { type: "button" }, "复制表格");
    button.addEventListener("click", function () {
      copy(tsv(table), function (ok) {
        button.textContent = ok ? "已复制" : "未能复制";
        setTimeout(function () { button.textContent = "复制表格"; }, 1600);
      });
    });
    tools.appendChild(button);
    var holder = table.closest(".ys-scroll");
    holder.parentNode.insertBefore(tools, holder);
    var slide = element("span", { "class": "slide" }, "表格较宽，可左右滑动 ←→");
    tools.appendChild(slide);
    var fit = function () { slide.hidden = holder.scrollWidth <= holder.clientWidth + 1; };
    fit();
    window.addEventListener("resize", fit);
    var folded = table.closest("details");
    if (folded) { folded.addEventListener("toggle", fit); }
    if (document.fonts && document.fonts.ready) { document.fonts.ready.then(fit); }
  });
  // Folded tables that are not too long are printed open, and folded again afterwards.
  var opened = [];
  window.addEventListener("beforeprint", function () {
    document.querySelectorAll("details.ys-printed:not([open])").forEach(function (fold) { fold.open = true; opened.push(fold); });
  });
  window.addEventListener("afterprint", function () {
    opened.forEach(function (fold) { fold.open = false; });
    opened = [];
  });
  var links = document.querySelectorAll(".toc a");
  var wide = window.matchMedia("(min-width:84rem)");
  var details = document.querySelector(".toc details");
  if (details) {
    var open = function () { details.open = wide.matches; };
    open();
    wide.addEventListener("change", open);
  }
  if (links.length && "IntersectionObserver" in window) {
    var watch = new IntersectionObserver(function (entries) {
      entries.forEach(function (entry) {
        if (!entry.isIntersecting) { return; }
        links.forEach(function (link) { link.classList.toggle("here", decodeURIComponent(link.hash.slice(1)) === entry.target.id); });
      });
    }, { rootMargin: "0px 0px -70% 0px" });
    links.forEach(function (link) {
      var target = document.getElementById(decodeURIComponent(link.hash.slice(1)));
      if (target) { watch.observe(target); }
    });
  }
})();
