// A hotspot's page shows its ward's map, moved near to the place. Folium keeps the map in a variable
// of this name; if it did not start, the page says everything in words.
const near = document.querySelector('[data-near-lon]')
if (near && window.map_hotspots) {
  window.map_hotspots.setView([Number(near.dataset.nearLat), Number(near.dataset.nearLon)], 16, { animate: false })
}
