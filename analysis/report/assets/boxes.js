// Boxes that scroll inside the page: their edges fade where more follows, and a line says how much.
(function () {
  "use strict";
  function element(tag, attributes, content) {
    var node = document.createElement(tag);
    Object.keys(attributes).forEach(function (key) { node.setAttribute(key, attributes[key]); });
    node.textContent = content || "";
    return node;
  }
  function button(label, action) {
    var made = element("button", { type: "button" }, label);
    made.addEventListener("click", action);
    return made;
  }
  // A box around the scrolling one bears the fades; ``told`` hears of every change.
  function edged(holder, told) {
    var edge = element("div", { "class": "ys-edge" }), waiting = false;
    holder.parentNode.insertBefore(edge, holder);
    edge.appendChild(holder);
    function look() {
      waiting = false;
      var right = holder.scrollWidth - holder.clientWidth - holder.scrollLeft;
      var below = holder.scrollHeight - holder.clientHeight - holder.scrollTop;
      edge.classList.toggle("more-right", right > 2);
      edge.classList.toggle("more-below", below > 2);
      told(holder.scrollWidth > holder.clientWidth + 1, holder.scrollHeight > holder.clientHeight + 1);
    }
    function soon() {
      if (!waiting) { waiting = true; requestAnimationFrame(look); }
    }
    holder.addEventListener("scroll", soon, { passive: true });
    if ("ResizeObserver" in window) {
      var watch = new ResizeObserver(soon);
      watch.observe(holder);
      watch.observe(holder.firstElementChild);
    }
    window.addEventListener("resize", soon);
    look();
    return edge;
  }
  document.querySelectorAll(".ys-scroll").forEach(function (holder) {
    var table = holder.querySelector("table.ys-table");
    if (!table) { return; }
    if (table.caption) {
      // The name of the table stays in sight while its columns slide.
      var name = element("span", { "class": "cap" });
      while (table.caption.firstChild) { name.appendChild(table.caption.firstChild); }
      table.caption.appendChild(name);
    }
    var tail = null, rest, whole;
    if (holder.classList.contains("ys-long")) {
      tail = element("div", { "class": "tools tail" });
      rest = element("span", {});
      whole = button("", function () {
        var open = holder.classList.toggle("ys-open");
        if (!open) { holder.scrollTop = 0; holder.closest(".ys-tablebox").scrollIntoView({ block: "start" }); }
      });
      tail.appendChild(rest);
      tail.appendChild(whole);
    }
    var edge = edged(holder, function (wide, high) {
      if (!tail) { return; }
      var open = holder.classList.contains("ys-open");
      tail.hidden = !high && !open;
      if (tail.hidden) { return; }
      var end = holder.getBoundingClientRect().top + holder.clientHeight + 2, shown = 0, hidden = 0;
      Array.prototype.forEach.call(table.tBodies[0].rows, function (row) {
        if (row.hidden) { return; }
        shown += 1;
        if (row.getBoundingClientRect().bottom > end) { hidden += 1; }
      });
      rest.textContent = open ? "" : hidden ? "下面还有 " + hidden + " 行，可在表内上下滑动 ↓" : "已到表尾";
      whole.textContent = open ? "收起" : "展开全部 " + shown + " 行";
    });
    if (tail) { edge.parentNode.insertBefore(tail, edge.nextSibling); }
  });

  // A chart opened over the page, at any size; the image is the one already here.
  var sheet = null, pane, picture, title, scale;
  function sized(to) {
    scale = Math.min(4, Math.max(0.25, to));
    picture.style.width = Math.round(scale * picture.getAttribute("width")) + "px";
  }
  function whole() {
    sized(Math.min(pane.clientWidth / picture.getAttribute("width"), pane.clientHeight / picture.getAttribute("height"), 1.5));
  }
  function build() {
    sheet = element("dialog", { "class": "big" });
    title = element("strong", {});
    pane = element("div", { "class": "pane", role: "group", tabindex: "0" });
    var bar = element("div", { "class": "tools" });
    [["关闭", function () { sheet.close(); }], ["放大", function () { sized(scale * 1.25); }],
      ["缩小", function () { sized(scale / 1.25); }], ["整图", whole]].forEach(function (pair) { bar.appendChild(button(pair[0], pair[1])); });
    [title, bar, pane].forEach(function (part) { sheet.appendChild(part); });
    sheet.addEventListener("close", function () { pane.textContent = ""; });
    document.body.appendChild(sheet);
  }
  function enlarge(image, caption) {
    if (!sheet) { build(); }
    title.textContent = caption;
    sheet.setAttribute("aria-label", caption);
    pane.setAttribute("aria-label", caption);
    picture = image.cloneNode(false);
    pane.textContent = "";
    pane.appendChild(picture);
    sheet.showModal();
    sized(1.25);
    pane.scrollTop = pane.scrollLeft = 0;
  }
  document.querySelectorAll(".ys-frame").forEach(function (frame) {
    var image = frame.querySelector("img"), figure = frame.closest("figure");
    if (!image || !figure) { return; }
    var heading = figure.querySelector("figcaption"), caption = "";
    heading.childNodes.forEach(function (node) { if (!(node.classList && node.classList.contains("ys-badge"))) { caption += node.textContent; } });
    var bar = element("div", { "class": "tools" });
    var open = button("看大图", function () { enlarge(image, caption); });
    var slide = element("span", { "class": "slide" }, "图较宽，可左右滑动 ←→");
    var can = "HTMLDialogElement" in window;
    if (can) { bar.appendChild(open); }
    bar.appendChild(slide);
    var edge = edged(frame, function (wide) {
      var small = image.clientWidth < 0.95 * image.getAttribute("width");
      slide.hidden = !wide;
      bar.hidden = !wide && !(small && can);
      image.classList.toggle("opens", can && !bar.hidden);
      // Only what scrolls is a stop of the keyboard.
      if (wide) {
        frame.setAttribute("tabindex", "0");
        frame.setAttribute("role", "group");
        frame.setAttribute("aria-label", "较宽的图，可左右滑动");
      } else {
        ["tabindex", "role", "aria-label"].forEach(function (key) { frame.removeAttribute(key); });
      }
    });
    image.addEventListener("click", function () { if (image.classList.contains("opens")) { enlarge(image, caption); } });
    edge.parentNode.insertBefore(bar, edge);
  });
})();
