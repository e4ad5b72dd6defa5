/* The process map in the browser: insert the drawing, hide rare ways without moving the
   rest, zoom, and tell the server what was chosen. No library, nothing inline. */
window.dash_clientside = Object.assign({}, window.dash_clientside, {
  procmine: {
    arrived: function (title) {
      if (title) {
        document.title = title;
        var heading = document.querySelector("main h1");
        if (heading && window.procmineSeen) { heading.focus({ preventScroll: false }); }
        window.procmineSeen = true;
      }
      return title || "";
    },
    drawMap: function (svg, share) {
      var canvas = document.getElementById("map-canvas");
      if (!canvas || !svg) { return ""; }
      if (canvas.dataset.length !== String(svg.length) || !canvas.firstChild) {
        canvas.innerHTML = svg;
        canvas.dataset.length = String(svg.length);
        canvas.dataset.zoom = "";
        fit(canvas, 0.8);
      }
      var ways = canvas.querySelectorAll(".pm-way");
      var shown = 0;
      canvas.querySelectorAll(".pm-way, .pm-line").forEach(function (way) {
        var hide = Number(way.dataset.share) > Number(share) + 0.001;
        way.style.display = hide ? "none" : "";
        if (!hide && way.classList.contains("pm-way")) { shown += 1; }
      });
      canvas.dataset.shown = String(shown);
      return canvas.dataset.status.replace("{shown}", shown).replace("{all}", ways.length);
    }
  }
});

function fit(canvas, least) {
  var svg = canvas.querySelector("svg");
  if (!svg) { return; }
  var width = svg.viewBox.baseVal.width;
  zoom(canvas, Math.min(0.9, Math.max(least, (canvas.clientWidth - 24) / width)));
}

function zoom(canvas, factor) {
  var svg = canvas.querySelector("svg");
  if (!svg) { return; }
  var scale = Math.min(3, Math.max(0.25, factor));
  canvas.dataset.zoom = String(scale);
  svg.setAttribute("width", String(svg.viewBox.baseVal.width * scale));
  svg.setAttribute("height", String(svg.viewBox.baseVal.height * scale));
}

function choose(target) {
  var node = target.closest(".pm-node");
  var way = target.closest(".pm-way, .pm-line");
  if (!node && !way) { return false; }
  var canvas = document.getElementById("map-canvas");
  canvas.querySelectorAll("[aria-pressed]").forEach(function (old) {
    old.removeAttribute("aria-pressed");
  });
  canvas.querySelectorAll(".chosen").forEach(function (old) { old.classList.remove("chosen"); });
  if (way) {
    var same = "[data-way='" + way.dataset.way + "']";
    canvas.querySelector(".pm-line" + same).classList.add("chosen");
    way = canvas.querySelector(".pm-way" + same);
  }
  (node || way).setAttribute("aria-pressed", "true");
  var data = node
    ? { kind: "node", row: Number(node.dataset.activity) }
    : { kind: "way", row: Number(way.dataset.way) };
  window.dash_clientside.set_props("map-selected", { data: data });
  return true;
}

document.addEventListener("click", function (event) {
  var button = event.target.closest("[data-zoom]");
  var canvas = document.getElementById("map-canvas");
  if (button && button.tagName === "BUTTON" && canvas) {
    var now = Number(canvas.dataset.zoom) || 1;
    if (button.dataset.zoom === "in") { zoom(canvas, now * 1.25); }
    if (button.dataset.zoom === "out") { zoom(canvas, now / 1.25); }
    if (button.dataset.zoom === "fit") { fit(canvas, 0.25); }
    return;
  }
  if (event.target.closest("#map-canvas")) { choose(event.target); }
});

document.addEventListener("keydown", function (event) {
  if (event.key !== "Enter" && event.key !== " ") { return; }
  if (event.target.closest && event.target.closest("#map-canvas") && choose(event.target)) {
    event.preventDefault();
  }
});
