/* Draws one hotspot map from plain JSON, the same in an offline file and on the site.

   Nothing here turns text into markup: every word of the data goes through textContent.
   Folium makes the Leaflet map and calls HotspotMap.start(map, picture); what `picture` holds is
   written down in mapping/publishing/payload.py. */
(function () {
  "use strict";

  var DEGREE_PARTS = 100000;
  var CELL_PARTS = 1000000;
  var NUMBER_SIZE = 28;
  var NEAR_ZOOM = 13;    // from here on hotspots bear their names, and squares their true size
  var STREET_ZOOM = 15;  // from here on streets bear theirs
  var MOST_LABELS = 90;
  var LETTER_WIDTH = 8.8; // of 16 px text, near enough to keep names apart
  var SVG = "http://www.w3.org/2000/svg";
  var LAYER_NAMES = { roads: "Roads", parks: "Parks", shops: "Landmarks", water: "Water" };

  function element(tag, className, text) {
    var made = document.createElement(tag);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  }

  /* Leaflet's layer list sets its labels as markup, so a layer's name is escaped on its way in. */
  function escaped(text) {
    return element("span", "", text).innerHTML;
  }

  /* Steps of longitude and latitude to Leaflet's pairs of latitude and longitude. */
  function pairs(steps, parts) {
    var lon = 0, lat = 0, found = [];
    for (var i = 0; i < steps.length; i += 2) {
      lon += steps[i];
      lat += steps[i + 1];
      found.push([lat / parts, lon / parts]);
    }
    return found;
  }

  function shape(polygons) {
    return polygons.map(function (rings) {
      return rings.map(function (ring) { return pairs(ring, DEGREE_PARTS); });
    });
  }

  function calm() {
    return window.matchMedia && window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  }

  function pane(map, name, level, answers) {
    var made = map.createPane(name);
    made.style.zIndex = String(level);
    if (!answers) made.style.pointerEvents = "none";
    return name;
  }

  function counted(count) {
    return count.toLocaleString("en-GB") + (count === 1 ? " report" : " reports");
  }

  function link(href) {
    var made = element("a", "", "Open");
    made.href = href;
    return made;
  }

  /* ---- layers, from the ground up ---- */

  function drawLand(map, picture) {
    var renderer = L.canvas({ pane: pane(map, "land", 210, false), padding: 0.3 });
    picture.wards.forEach(function (ward) {
      L.polygon(shape(ward.shape), {
        renderer: renderer, interactive: false, stroke: false, fillColor: picture.colours.paper, fillOpacity: 1
      }).addTo(map);
    });
  }

  function drawWardLines(map, picture) {
    var renderer = L.canvas({ pane: pane(map, "ward-lines", 390, false), padding: 0.3 });
    var group = L.layerGroup();
    picture.wards.forEach(function (ward) {
      group.addLayer(L.polygon(shape(ward.shape), {
        renderer: renderer, interactive: false, fill: picture.isWard && !ward.focus,
        fillColor: picture.colours.outside, fillOpacity: 0.5, // what lies beyond the ward steps back
        color: ward.focus ? picture.colours.focusLine : picture.colours.wardLine,
        weight: ward.focus ? 3 : 1.2
      }));
    });
    return group.addTo(map);
  }

  /* Areas lie under all lines and lines under all points, whichever layer they belong to. */
  function drawBase(map, layer, ground) {
    var group = L.layerGroup();
    var look = { interactive: false, color: layer.colour, fillColor: layer.colour, fillOpacity: 1 };

    function add(polygons, make, weight, renderer) {
      polygons.flat().forEach(function (rings) {
        var lines = rings.map(function (ring) { return pairs(ring, DEGREE_PARTS); });
        group.addLayer(make(lines, Object.assign({ weight: weight, renderer: renderer }, look)));
      });
    }

    add(layer.areas, L.polygon, 1, ground.areas);
    add(layer.lines, L.polyline, 2, ground.lines);
    add(layer.points, function (lines, options) {
      return L.circleMarker(lines[0][0], Object.assign(options, { radius: 4 }));
    }, 0, ground.points);
    return group.addTo(map);
  }

  function cellWords(cells, row, horizon) {
    var box = element("div", "hotspot-popup");
    box.append(element("p", "hotspot-popup__name", "About " + cells.score[row] + " expected " + horizon));
    box.append(element("p", "", counted(cells.count[row]) + " in this square in the period."));
    return box;
  }

  function drawCells(map, picture) {
    var cells = picture.cells;
    var group = L.featureGroup();
    var renderer = L.canvas({ pane: pane(map, "cells", 350, true), padding: 0.3 });
    var lon = 0, lat = 0;
    cells.shade.forEach(function (shade, row) {
      lon += cells.at[2 * row];
      lat += cells.at[2 * row + 1];
      var others = cells.corners[cells.corner[row]];
      var ring = [[lat / CELL_PARTS, lon / CELL_PARTS]];
      for (var i = 0; i < 6; i += 2) {
        ring.push([(lat + others[i + 1]) / CELL_PARTS, (lon + others[i]) / CELL_PARTS]);
      }
      var colour = picture.colours.cells[shade];
      var square = L.polygon(ring, {
        renderer: renderer, color: colour, weight: 0.5, fillColor: colour, fillOpacity: 0.8
      });
      square.row = row;
      group.addLayer(square);
    });
    group.on("click", function (event) {
      L.popup().setLatLng(event.latlng)
        .setContent(cellWords(cells, event.layer.row, picture.horizon)).openOn(map);
    });
    var wide = null;
    function widen() { // a 100 m square seen from far away is less than a pixel
      var far = map.getZoom() < NEAR_ZOOM;
      if (far !== wide) group.setStyle({ weight: far ? 2 : 0.5 });
      wide = far;
    }
    map.on("zoomend", widen);
    widen();
    return group.addTo(map);
  }

  /* ---- reports, counted at their points and grouped while they are close ---- */

  function countIcon(count) {
    var size = count < 10 ? 26 : count < 100 ? 32 : count < 1000 ? 40 : count < 10000 ? 54 : 62;
    return L.divIcon({
      html: element("span", "", count.toLocaleString("en-GB")), className: "report-count",
      iconSize: [size, size]
    });
  }

  function pointWords(points, row) {
    var box = element("div", "hotspot-popup");
    box.append(element("p", "hotspot-popup__name", points.places[points.place[row]] || "Place without a name"));
    box.append(element("p", "", counted(points.count[row]) + " at this point."));
    var categories = points.categories[points.category[row]];
    if (categories) box.append(element("p", "", categories));
    return box;
  }

  function drawPoints(map, points) {
    L.MarkerCluster.mergeOptions({ keyboard: false }); // the list is the way in for the keyboard
    var group = L.markerClusterGroup({
      animate: false, showCoverageOnHover: false, spiderfyOnMaxZoom: false, maxClusterRadius: 46,
      disableClusteringAtZoom: 18,
      iconCreateFunction: function (cluster) {
        return countIcon(cluster.getAllChildMarkers().reduce(function (sum, marker) {
          return sum + points.count[marker.row];
        }, 0));
      }
    });
    var markers = pairs(points.at, DEGREE_PARTS).map(function (at, row) {
      var marker = L.marker(at, { icon: countIcon(points.count[row]), keyboard: false });
      marker.row = row;
      return marker;
    });
    group.addLayers(markers);
    group.on("click", function (event) {
      L.popup().setLatLng(event.layer.getLatLng())
        .setContent(pointWords(points, event.layer.row)).openOn(map);
    });
    return group;
  }

  /* ---- hotspots ---- */

  function addHatch(renderer, colour) {
    var pattern = document.createElementNS(SVG, "pattern");
    var stroke = document.createElementNS(SVG, "path");
    var kept = document.createElementNS(SVG, "defs");
    pattern.id = "hotspot-hatch";
    Object.entries({ width: "8", height: "8", patternUnits: "userSpaceOnUse" }).forEach(function (pair) {
      pattern.setAttribute(pair[0], pair[1]);
    });
    stroke.setAttribute("d", "M-2,2 l4,-4 M0,8 l8,-8 M6,10 l4,-4");
    stroke.setAttribute("stroke", colour);
    stroke.setAttribute("stroke-width", "1.5");
    pattern.append(stroke);
    kept.append(pattern);
    renderer._container.prepend(kept); // Leaflet gives no other way to its SVG element
  }

  function hotspotWords(hotspot) {
    var box = element("div", "hotspot-popup");
    box.tabIndex = -1;
    box.append(element("p", "hotspot-popup__name", hotspot.number + ". " + hotspot.place));
    if (hotspot.where) box.append(element("p", "hotspot-popup__where", hotspot.where));
    hotspot.lines.forEach(function (line) { box.append(element("p", "", line)); });
    hotspot.cautions.forEach(function (line) {
      box.append(element("p", "hotspot-popup__caution", "Caution: " + line));
    });
    if (hotspot.href) box.append(link(hotspot.href));
    return box;
  }

  function drawHotspots(map, picture) {
    var renderer = L.svg({ pane: pane(map, "hotspots", 420, true), padding: 0.3 });
    pane(map, "numbers", 640, true);
    var group = L.featureGroup();
    var byId = new Map();
    picture.hotspots.forEach(function (hotspot) {
      var outline = shape(hotspot.shape);
      var casing = L.polygon(outline, {
        renderer: renderer, interactive: false, color: picture.colours.paper, weight: 6, fill: false
      });
      var edge = L.polygon(outline, {
        renderer: renderer, color: picture.colours.accent, weight: 3,
        dashArray: hotspot.recorded ? "7 6" : null,
        fillColor: hotspot.recorded ? "url(#hotspot-hatch)" : picture.colours.accent,
        fillOpacity: hotspot.recorded ? 1 : 0.06
      });
      var box = edge.getBounds();
      var name = hotspot.number + " " + hotspot.place;
      var width = hotspot.number < 100 ? NUMBER_SIZE : NUMBER_SIZE + 12;
      var marker = L.marker([box.getNorth(), box.getCenter().lng], {
        pane: "numbers", title: name, riseOnHover: true, zIndexOffset: -10 * hotspot.number,
        icon: L.divIcon({
          html: element("span", "", String(hotspot.number)),
          className: "hotspot-number" + (hotspot.recorded ? " hotspot-number--recorded" : ""),
          iconSize: [width, NUMBER_SIZE], iconAnchor: [width / 2, NUMBER_SIZE + 2]
        })
      });
      [casing, edge, marker].forEach(function (part) { group.addLayer(part); });
      byId.set(hotspot.id, { hotspot: hotspot, edge: edge, marker: marker, casing: casing });
    });
    group.addTo(map);
    if (picture.hotspots.length) addHatch(renderer, picture.colours.accent);
    return { group: group, byId: byId };
  }

  /* ---- places that people set apart: a crossed ring, whether left out or doubted ---- */

  function setApartWords(place) {
    var box = element("div", "hotspot-popup");
    box.append(element("p", "hotspot-popup__name", place.name));
    box.append(element("p", "", place.leftOut
      ? counted(place.reports) + " here, left out of squares and hotspots, not of totals."
      : counted(place.reports) + " here, set apart with a caution."));
    box.append(element("p", "", place.reason));
    return box;
  }

  function drawSetApart(map, picture) {
    var renderer = L.svg({ pane: pane(map, "set-apart", 430, true), padding: 0.3 });
    var group = L.featureGroup();
    picture.setApart.forEach(function (place) {
      var reach = L.circle(place.at, {
        renderer: renderer, radius: place.radius, color: picture.colours.setApart, weight: 1.5,
        dashArray: place.leftOut ? null : "4 4", fillColor: picture.colours.paper, fillOpacity: place.leftOut ? 0.55 : 0.2
      });
      var mark = element("span", "", place.leftOut ? "" : "!");
      var marker = L.marker(place.at, {
        title: place.name, keyboard: false,
        icon: L.divIcon({
          html: mark, className: "set-apart-mark" + (place.leftOut ? "" : " set-apart-mark--caution"), iconSize: [20, 20]
        })
      });
      [reach, marker].forEach(function (part) {
        part.on("click", function () {
          L.popup().setLatLng(place.at).setContent(setApartWords(place)).openOn(map);
        });
        group.addLayer(part);
      });
    });
    return group.addTo(map);
  }

  /* Of numbers that would cover one another the first in rank stays; the others become dots. */
  function thinNumbers(map, shown) {
    var kept = [];
    var apart = map.getZoom() < NEAR_ZOOM ? 2 * NUMBER_SIZE : NUMBER_SIZE - 2;
    shown.byId.forEach(function (one) {
      var icon = one.marker.getElement();
      if (!icon) return;
      var at = map.latLngToLayerPoint(one.marker.getLatLng());
      var free = kept.every(function (other) { return at.distanceTo(other.at) >= apart; });
      icon.classList.toggle("hotspot-number--covered", !free);
      if (free) kept.push({ at: at, hotspot: one.hotspot, marker: one.marker });
    });
    return kept;
  }

  /* ---- names, as many as do not touch ---- */

  function overlaps(box, others) {
    return others.some(function (other) {
      return box[0] < other[2] && other[0] < box[2] && box[1] < other[3] && other[1] < box[3];
    });
  }

  function labelBox(at, text, lift) {
    var half = LETTER_WIDTH / 2 * text.length + 4;
    return [at.x - half, at.y + lift - 9, at.x + half, at.y + lift + 11];
  }

  function nameMaker(map, picture) {
    var group = L.layerGroup();
    pane(map, "names", 610, false);
    var names = picture.names; // the most important first
    var places = pairs(names.at, DEGREE_PARTS);

    function put(at, text, className, taken, lift) {
      var box = labelBox(map.latLngToContainerPoint(at), text, lift);
      if (box[1] < 0 || overlaps(box, taken)) return false;
      taken.push(box);
      group.addLayer(L.marker(at, {
        pane: "names", interactive: false, keyboard: false,
        icon: L.divIcon({
          html: element("span", "", text), className: "map-name " + className,
          iconSize: [box[2] - box[0], 20], iconAnchor: [(box[2] - box[0]) / 2, 9 - lift]
        })
      }));
      return true;
    }

    function boxesOf(selector) {
      var frame = map.getContainer().getBoundingClientRect();
      return Array.from(map.getContainer().querySelectorAll(selector)).map(function (icon) {
        var box = icon.getBoundingClientRect();
        return [box.left - frame.left, box.top - frame.top, box.right - frame.left, box.bottom - frame.top];
      });
    }

    function streets(taken) {
      var boxes = boxesOf(".report-count");
      var lift = boxes.length ? 27 : 14; // while counts are shown, which stand on the streets, names go below
      boxes.forEach(function (box) { taken.push(box); });
      var seen = new Map(), size = map.getSize(), count = 0;
      names.text.some(function (text_at, row) {
        var at = map.latLngToContainerPoint(places[row]);
        if (at.x < 0 || at.y < 0 || at.x > size.x || at.y > size.y) return false;
        var text = names.texts[text_at];
        var near = (seen.get(text) || []).some(function (other) { return at.distanceTo(other) < 260; });
        if (!near && put(places[row], text, "map-name--street", taken, lift)) {
          seen.set(text, (seen.get(text) || []).concat([at]));
          count += 1;
        }
        return count >= MOST_LABELS;
      });
    }

    function wards(taken) {
      picture.wards.forEach(function (ward) {
        var box = L.latLngBounds(shape(ward.shape).flat(2));
        var width = map.latLngToContainerPoint(box.getNorthEast()).x - map.latLngToContainerPoint(box.getSouthWest()).x;
        if (LETTER_WIDTH * ward.name.length < width) put(box.getCenter(), ward.name, "map-name--ward", taken, 0);
      });
    }

    function redraw(numbers) {
      group.clearLayers();
      if (!map.hasLayer(group)) return;
      var taken = numbers.map(function (one) {
        var corner = map.layerPointToContainerPoint(one.at);
        return [corner.x - 16, corner.y - 30, corner.x + 16, corner.y];
      }).concat(boxesOf(".leaflet-control"));
      if (map.getZoom() >= NEAR_ZOOM) {
        numbers.forEach(function (one) {
          [-NUMBER_SIZE - 14, 12].some(function (lift) { // over the number, or under it
            return put(one.marker.getLatLng(), one.hotspot.place, "map-name--hotspot", taken, lift);
          });
        });
      }
      if (map.getZoom() >= STREET_ZOOM) streets(taken); else wards(taken);
    }

    return { group: group, redraw: redraw };
  }

  /* ---- the list beside the map ---- */

  function bindList(map, picture, shown) {
    var opener = null;

    function items(id) {
      return Array.from(document.querySelectorAll("[data-hotspot]")).filter(function (item) {
        return item.dataset.hotspot === id;
      });
    }

    function mark(id, on) {
      var one = shown.byId.get(id);
      if (!one) return;
      one.edge.setStyle({ weight: on ? 6 : 3 });
      one.casing.setStyle({ weight: on ? 10 : 6 });
      one.marker.setZIndexOffset(on ? 10000 : -10 * one.hotspot.number);
      var icon = one.marker.getElement();
      if (icon) icon.classList.toggle("hotspot-number--active", on);
      items(id).forEach(function (item) { item.classList.toggle("is-active", on); });
    }

    function open(id) {
      var one = shown.byId.get(id);
      if (!one) return;
      if (!map.hasLayer(shown.group)) map.addLayer(shown.group);
      L.popup({ offset: [0, -NUMBER_SIZE], maxWidth: 340 }).setLatLng(one.marker.getLatLng())
        .setContent(hotspotWords(one.hotspot)).openOn(map);
    }

    document.querySelectorAll("[data-hotspot]").forEach(function (item) {
      var id = item.dataset.hotspot;
      [["mouseenter", true], ["mouseleave", false], ["focusin", true], ["focusout", false]].forEach(function (pair) {
        item.addEventListener(pair[0], function () { mark(id, pair[1]); });
      });
    });
    document.querySelectorAll("[data-hotspot-open]").forEach(function (button) {
      button.addEventListener("click", function () {
        var one = shown.byId.get(button.dataset.hotspotOpen);
        if (!one) return;
        opener = button;
        map.once("moveend", function () { open(one.hotspot.id); map.fire("hotspotopened"); });
        map.setView(one.edge.getBounds().getCenter(), Math.max(map.getZoom(), 16), { animate: false });
      });
    });
    map.on("hotspotopened", function () {
      var words = map.getContainer().querySelector(".hotspot-popup");
      if (words) words.focus();
    });
    map.on("popupclose", function () {
      if (opener) opener.focus({ preventScroll: true });
      opener = null;
    });
    map.getContainer().addEventListener("keydown", function (event) {
      if (event.key === "Escape") map.closePopup();
    });
    shown.byId.forEach(function (one, id) {
      [one.edge, one.marker].forEach(function (part) {
        part.on("mouseover focus", function () { mark(id, true); });
        part.on("mouseout blur", function () { mark(id, false); });
        part.on("click", function () { opener = null; open(id); });
      });
      one.marker.on("keypress", function (event) {
        if (event.originalEvent.key === "Enter") open(id);
      });
    });
  }

  function start(map, picture) {
    var fallback = map.getContainer().querySelector(".hotspot-map__fallback");
    if (fallback) fallback.remove();
    var bounds = L.latLngBounds(picture.bounds);
    map.fitBounds(bounds, { padding: [16, 16], animate: false });
    map.setMinZoom(map.getZoom() - 1);
    map.setMaxBounds(bounds.pad(0.6));

    var choices = {};
    drawLand(map, picture);
    var ground = {};
    ["areas", "lines", "points"].forEach(function (kind, level) {
      ground[kind] = L.canvas({ pane: pane(map, kind, 250 + level, false), padding: 0.3 });
    });
    picture.layers.forEach(function (layer) {
      var known = Object.prototype.hasOwnProperty.call(LAYER_NAMES, layer.name);
      choices[escaped(known ? LAYER_NAMES[layer.name] : layer.name)] = drawBase(map, layer, ground);
    });
    choices["Expected reports"] = drawCells(map, picture);
    choices["Ward outlines"] = drawWardLines(map, picture);
    if (picture.setApart.length) choices["Places set apart"] = drawSetApart(map, picture);
    var shown = drawHotspots(map, picture);
    choices.Hotspots = shown.group;
    if (picture.points.count.length) choices["Reports, counted"] = drawPoints(map, picture.points);
    var names = nameMaker(map, picture);
    choices.Names = names.group.addTo(map);
    L.control.layers(null, choices, { collapsed: true, sortLayers: false }).addTo(map);

    function tidy() { names.redraw(thinNumbers(map, shown)); }
    map.on("zoomend moveend overlayadd overlayremove", tidy);
    bindList(map, picture, shown);
    tidy();
    map.getContainer().dataset.ready = "yes";
  }

  window.HotspotMap = { start: start };
})();
