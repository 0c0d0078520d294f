// Before printing: a chart that would jump to the next sheet and leave a gap shrinks into it, or the table after it goes first.
// The sheets are found by laying the page out in columns of the size of a sheet, which browsers break as they break sheets.
(function () {
  "use strict";
  var MM = 96 / 25.4, WIDTH = 188 * MM, HEIGHT = 266 * MM;  // of @page in style.css
  var SMALLEST = 0.78, GAP = 0.14, SPARE = 6 * MM, MOST = 150;
  var BLOCKS = "h1,h2,h3,h4,p,li,tr,caption,figure,summary,.ys-keys,.ys-banner,.ys-tablebox";
  var undo = [];
  function printRules(action) {
    var kept = [];
    Array.prototype.forEach.call(document.styleSheets, function (sheet) {
      Array.prototype.forEach.call(sheet.cssRules, function (rule) {
        if (rule.type !== CSSRule.MEDIA_RULE) { return; }
        kept.push([rule.media, rule.media.mediaText]);
        rule.media.mediaText = rule.media.mediaText === "print" ? "all" : "not all";
      });
    });
    try { action(); } finally { kept.forEach(function (pair) { pair[0].mediaText = pair[1]; }); }
  }
  // Where each column ends, and each block's first column with its top and its bottom in it.
  function places(blocks, left) {
    var ends = [];
    var at = blocks.map(function (block) {
      var first = null;
      Array.prototype.forEach.call(block.getClientRects(), function (box) {
        var column = Math.floor((box.left - left + 1) / WIDTH);
        if (!box.height) { return; }
        ends[column] = Math.max(ends[column] || 0, box.bottom);
        if (!first) { first = { column: column, top: box.top, bottom: box.bottom }; }
      });
      return first;
    });
    return { ends: ends, at: at };
  }
  function restoring(action) { undo.push(action); }
  function shrink(image, height) {
    var former = image.style.maxHeight;
    image.style.maxHeight = height + "px";
    restoring(function () { image.style.maxHeight = former; });
  }
  function put(table, figure) {
    var mark = document.createComment("");
    table.parentNode.insertBefore(mark, table);
    figure.parentNode.insertBefore(table, figure);
    var back = function () { mark.parentNode.replaceChild(table, mark); };
    restoring(back);
    return back;
  }
  // The table that follows a chart with no heading or other chart between, in its fold where it is printed open.
  function following(blocks, at, k) {
    for (k += 1; k < blocks.length; k += 1) {
      if (at[k] && !blocks[k].closest("figure")) { break; }
    }
    var table = blocks[k] && blocks[k].classList.contains("ys-tablebox") ? blocks[k] : null;
    return table && (table.closest("details") || table);
  }
  function settle() {
    var main = document.querySelector("main"), blocks, look, top;
    function read() {
      var box = document.body.getBoundingClientRect();
      blocks = Array.prototype.slice.call(main.querySelectorAll(BLOCKS));
      top = box.top;
      look = places(blocks, box.left);
    }
    // The height left free before a chart that begins its sheet, with no more than headings above it; 0 for any other.
    function gap(k) {
      var where = look.at[k];
      var begins = where && where.column && blocks.every(function (block, j) {
        return j >= k || !look.at[j] || look.at[j].column !== where.column || /^H\d$/.test(block.tagName);
      });
      return begins ? HEIGHT + top - look.ends[where.column - 1] : 0;
    }
    function shrunk(figure, left) {
      var image = figure.querySelector("img"), height = image.getBoundingClientRect().height;
      var fits = height - (look.at[blocks.indexOf(figure)].bottom - top) + left - SPARE;
      if (fits >= height || fits < SMALLEST * image.getAttribute("height")) { return false; }
      shrink(image, fits);
      read();
      return true;
    }
    read();
    Array.prototype.slice.call(main.querySelectorAll("figure.ys-figure"), 0, MOST).forEach(function (figure) {
      var k = blocks.indexOf(figure), left = gap(k);
      if (left < GAP * HEIGHT || shrunk(figure, left)) { return; }
      var table = following(blocks, look.at, k), back = table && put(table, figure);
      if (!table) { return; }
      read();
      if (gap(blocks.indexOf(figure)) > left - SPARE) {
        undo.pop();
        back();
        read();
      }
    });
  }
  window.addEventListener("beforeprint", function () {
    if (undo.length || !document.querySelector("main figure.ys-figure")) { return; }
    var x = window.scrollX, y = window.scrollY, body = document.body, former = body.getAttribute("style");
    try {
      printRules(function () {
        body.style.cssText = "width:" + WIDTH + "px;height:" + HEIGHT + "px;column-width:" + WIDTH + "px;column-gap:0;column-fill:auto;text-rendering:geometricPrecision";
        settle();
      });
    } finally {
      if (former === null) { body.removeAttribute("style"); } else { body.setAttribute("style", former); }
      window.scrollTo(x, y);
    }
  });
  window.addEventListener("afterprint", function () {
    while (undo.length) { undo.pop()(); }
  });
})();
