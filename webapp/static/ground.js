// The ground under a map in metres of the National Grid: wards, roads and names. Pages that put something of
// their own on it take it from here as `window.Ground`.
(() => {
const L = window.L
const STREET_ZOOM = -1.5
const LETTER_WIDTH = 8.8
const MOST_LABELS = 60

const make = (tag, className, text) => {
  const made = document.createElement(tag)
  if (className) made.className = className
  if (text !== undefined) made.textContent = text
  return made
}

// Steps east and north to Leaflet's pairs of north and east.
const pairs = steps => {
  const found = []
  let east = 0
  let north = 0
  for (let i = 0; i < steps.length; i += 2) {
    east += steps[i]
    north += steps[i + 1]
    found.push([north, east])
  }
  return found
}
const rings = shape => shape.map(part => part.map(pairs))

const isInside = (ring, north, east) => {
  let inside = false
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
    const [yi, xi] = ring[i]
    const [yj, xj] = ring[j]
    if ((yi > north) !== (yj > north) && east < ((xj - xi) * (north - yi)) / (yj - yi) + xi) inside = !inside
  }
  return inside
}
const wardAt = (wards, north, east) => wards.find(ward =>
  ward.rings.some(part => part.reduce((odd, ring) => odd !== isInside(ring, north, east), false)))

const distance = metres => metres < 995
  ? `${Math.max(10, Math.round(metres / 10) * 10)} m`
  : `${metres < 9950 ? (metres / 1000).toFixed(1) : Math.round(metres / 1000)} km`

const pane = (map, name, level, answers) => {
  const made = map.createPane(name)
  made.style.zIndex = String(level)
  if (!answers) made.style.pointerEvents = 'none'
  return name
}

function drawGround (map, ground) {
  const canvas = (name, level) => L.canvas({ pane: pane(map, name, level, false), padding: 0.3 })
  const under = { land: canvas('land', 210), areas: canvas('areas', 250), lines: canvas('lines', 251), points: canvas('points', 252), wards: canvas('ward-lines', 390) }
  ground.wards.forEach(ward => L.polygon(ward.rings, { renderer: under.land, interactive: false, stroke: false, fillColor: '#ffffff', fillOpacity: 1 }).addTo(map))
  ground.layers.forEach(layer => {
    const look = { interactive: false, color: layer.colour, fillColor: layer.colour, fillOpacity: 1 }
    layer.areas.forEach(shape => L.polygon(rings(shape), { ...look, weight: 1, renderer: under.areas }).addTo(map))
    layer.lines.forEach(shape => rings(shape).forEach(line => L.polyline(line, { ...look, weight: 2, renderer: under.lines }).addTo(map)))
    layer.points.forEach(shape => rings(shape).forEach(point => L.circleMarker(point[0][0], { ...look, radius: 4, weight: 0, renderer: under.points }).addTo(map)))
  })
  ground.wards.forEach(ward => L.polygon(ward.rings, { renderer: under.wards, interactive: false, fill: false, color: '#8a9299', weight: 1.2 }).addTo(map))
}

// As many names as do not touch one another: wards from far, streets and landmarks from near.
function drawNames (map, ground) {
  const group = L.layerGroup().addTo(map)
  const places = pairs(ground.names.at)
  pane(map, 'names', 610, false)
  const put = (at, text, className, taken) => {
    const spot = map.latLngToContainerPoint(at)
    const half = (LETTER_WIDTH / 2) * text.length + 4
    const edges = [spot.x - half, spot.y + 4, spot.x + half, spot.y + 24]
    const isFree = taken.every(other => edges[0] >= other[2] || other[0] >= edges[2] || edges[1] >= other[3] || other[1] >= edges[3])
    if (!isFree) return false
    taken.push(edges)
    group.addLayer(L.marker(at, {
      pane: 'names', interactive: false, keyboard: false,
      icon: L.divIcon({ html: make('span', '', text), className: `map-name ${className}`, iconSize: [2 * half, 20], iconAnchor: [half, -4] })
    }))
    return true
  }
  const redraw = () => {
    group.clearLayers()
    const taken = []
    if (map.getZoom() < STREET_ZOOM) {
      ground.wards.forEach(ward => put(L.latLngBounds(ward.rings.flat(2)).getCenter(), ward.name, 'map-name--ward', taken))
      return
    }
    const seen = map.getBounds()
    let count = 0
    ground.names.text.some((number, row) => {
      if (seen.contains(places[row]) && put(places[row], ground.names.texts[number], 'map-name--street', taken)) count += 1
      return count >= MOST_LABELS
    })
  }
  map.on('zoomend moveend', redraw)
  redraw()
}

// A map with the ground on it, seen whole; without motion, since nothing here needs any.
function begin (box, ground) {
  ground.wards.forEach(ward => { ward.rings = rings(ward.shape) })
  box.querySelector('.hotspot-map__fallback').remove()
  const map = L.map(box, {
    crs: L.CRS.Simple, attributionControl: false, zoomSnap: 0.25, zoomDelta: 1, minZoom: -7, maxZoom: 2,
    zoomAnimation: false, fadeAnimation: false, markerZoomAnimation: false, inertia: false, doubleClickZoom: false
  })
  const [west, south, east, north] = ground.bounds
  const whole = L.latLngBounds([south, west], [north, east])
  map.setMaxBounds(whole.pad(1))
  L.control.scale({ imperial: false }).addTo(map)
  return { map, whole }
}

// Fetch the ground that the box names and hand it on; the page works without.
function load (box, start) {
  fetch(box.dataset.ground, { headers: { Accept: 'application/json' } })
    .then(answer => {
      if (!answer.ok) throw new Error(String(answer.status))
      return answer.json()
    })
    .then(start)
    .catch(() => { box.dataset.ready = 'no' })
}

window.Ground = { make, rings, wardAt, distance, pane, drawGround, drawNames, begin, load }
})()
