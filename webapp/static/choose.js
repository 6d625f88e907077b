// The map on which a place is chosen. It is drawn in metres of the National Grid, so a pin is an easting and
// a northing. The list beside it works without it: this script fills boxes in and never decides anything.
const L = window.L
const box = document.querySelector('#choose-map')
const form = document.querySelector('[data-choose]')

const NUMBER_SIZE = 28
const STEP = 6 // pixels that an arrow key moves the pin; five times as many with Shift
const STREET_ZOOM = -1.5
const LETTER_WIDTH = 8.8
const MOST_LABELS = 60
const ACCENT = '#12436d'

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

function start (ground) {
  ground.wards.forEach(ward => { ward.rings = rings(ward.shape) })
  box.querySelector('.hotspot-map__fallback').remove()
  const still = { animate: false }
  const map = L.map(box, {
    crs: L.CRS.Simple, attributionControl: false, zoomSnap: 0.25, zoomDelta: 1, minZoom: -7, maxZoom: 2,
    zoomAnimation: false, fadeAnimation: false, markerZoomAnimation: false, inertia: false, doubleClickZoom: false
  })
  const [west, south, east, north] = ground.bounds
  const whole = L.latLngBounds([south, west], [north, east])
  const radios = Array.from(form.querySelectorAll('input[name="choice"]'))
  const candidates = radios.filter(radio => radio.dataset.candidate).map(radio => ({
    radio,
    number: radio.dataset.candidate,
    name: radio.dataset.name,
    at: L.latLng(Number(radio.dataset.northing), Number(radio.dataset.easting)),
    error: Number(radio.dataset.error)
  }))
  const focus = ground.wards.find(ward => ward.code === box.dataset.focus)
  if (candidates.length) map.fitBounds(L.latLngBounds(candidates.map(one => one.at)).pad(0.3), { ...still, maxZoom: -0.5 })
  else map.fitBounds(focus ? L.latLngBounds(focus.rings.flat(2)) : whole, still)
  map.setMaxBounds(whole.pad(1))
  L.control.scale({ imperial: false }).addTo(map)
  drawGround(map, ground)
  pane(map, 'doubt', 420, false)
  pane(map, 'numbers', 640, true)

  // ---- candidates: the same numbers on both sides
  const mark = (one, on) => {
    one.marker.getElement().classList.toggle('hotspot-number--active', on)
    one.marker.setZIndexOffset(on ? 1000 : 0)
    one.circle.setStyle({ weight: on ? 3 : 1, fillOpacity: on ? 0.12 : 0.04 })
    one.radio.closest('.govuk-radios__item').classList.toggle('is-active', on)
  }
  const markAll = () => candidates.forEach(one => mark(one, one.radio.checked || document.activeElement === one.radio))
  const choose = radio => {
    radio.checked = true
    radio.dispatchEvent(new window.Event('change', { bubbles: true }))
  }
  candidates.forEach(one => {
    one.circle = L.circle(one.at, { pane: 'doubt', radius: one.error, color: ACCENT, weight: 1, fillColor: ACCENT, fillOpacity: 0.04, interactive: false }).addTo(map)
    one.marker = L.marker(one.at, {
      pane: 'numbers', title: `${one.number} ${one.name}`, riseOnHover: true,
      icon: L.divIcon({ html: make('span', '', one.number), className: 'hotspot-number', iconSize: [NUMBER_SIZE, NUMBER_SIZE] })
    }).addTo(map)
    one.marker.on('click', () => choose(one.radio))
    one.marker.on('keypress', event => {
      if (event.originalEvent.key === 'Enter') choose(one.radio)
    })
    one.marker.on('mouseover', () => mark(one, true))
    one.marker.on('mouseout', markAll)
    one.radio.addEventListener('focus', markAll)
    one.radio.addEventListener('blur', () => window.setTimeout(markAll))
  })
  radios.forEach(radio => radio.addEventListener('change', () => {
    markAll()
    const chosen = candidates.find(one => one.radio.checked)
    if (chosen && !map.getBounds().pad(-0.1).contains(chosen.at)) map.panTo(chosen.at, still)
  }))
  markAll()
  drawNames(map, ground)
  givePin(map, ground, candidates, choose)
  box.dataset.ready = 'yes'
}

// ---- the pin: by mouse, by touch, and by the arrow keys alone
function givePin (map, ground, candidates, choose) {
  const where = form.querySelector('#where')
  const radio = form.querySelector('input[data-pin]')
  const said = document.querySelector('[data-choose-said]')
  const helper = form.querySelector('[data-pin-now]')
  let pin = null
  let waiting = null

  const tell = at => {
    window.clearTimeout(waiting)
    waiting = window.setTimeout(() => {
      const ward = wardAt(ground.wards, at.lat, at.lng)
      const near = candidates.map(one => ({ one, metres: Math.hypot(one.at.lat - at.lat, one.at.lng - at.lng) })).sort((a, b) => a.metres - b.metres)[0]
      said.textContent = `The pin is ${ward ? `in ${ward.name}` : 'outside these wards'}${near ? `, ${distance(near.metres)} from number ${near.one.number}` : ''}.`
    }, 300)
  }
  const fill = at => {
    where.value = `${Math.round(at.lng)}, ${Math.round(at.lat)}`
    tell(at)
  }
  const move = at => {
    if (pin) pin.setLatLng(at)
    else {
      pin = L.marker(at, {
        pane: 'numbers', draggable: true, title: 'Your pin. Arrow keys move it.', zIndexOffset: 2000,
        icon: L.divIcon({ className: 'choose-pin', html: make('span'), iconSize: [24, 34], iconAnchor: [12, 34] })
      }).addTo(map)
      pin.on('drag', () => fill(pin.getLatLng()))
      pin.getElement().addEventListener('keydown', nudge)
    }
    fill(at)
  }
  const nudge = event => {
    const sides = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key]
    if (!sides) return
    event.preventDefault()
    event.stopPropagation()
    const pixels = event.shiftKey ? 5 * STEP : STEP
    const spot = map.latLngToContainerPoint(pin.getLatLng()).add([sides[0] * pixels, sides[1] * pixels])
    move(map.containerPointToLatLng(spot))
    if (!map.getBounds().pad(-0.05).contains(pin.getLatLng())) map.panTo(pin.getLatLng(), { animate: false })
  }
  const typed = /^\s*(\d{4,6})\s*,\s*(\d{4,7})\s*$/
  const fromBox = () => {
    const found = typed.exec(where.value)
    if (found) {
      move(L.latLng(Number(found[2]), Number(found[1])))
      map.panInside(pin.getLatLng(), { animate: false, padding: [40, 40] })
    }
  }
  helper.hidden = false
  helper.querySelector('[data-pin-put]').addEventListener('click', () => {
    move(map.getCenter())
    pin.getElement().focus()
  })
  map.on('click', event => {
    if (!radio.checked) choose(radio)
    move(event.latlng)
  })
  where.addEventListener('change', fromBox)
  if (where.value) fromBox()
}

// What belongs to one of the choices shows with it. Without this script all of it shows.
if (form) {
  const reveal = () => {
    const chosen = form.querySelector('input[name="choice"]:checked')?.value
    form.querySelectorAll('[data-when]').forEach(part => { part.hidden = part.dataset.when !== chosen })
    form.querySelectorAll('[data-unless]').forEach(part => { part.hidden = part.dataset.unless === chosen })
  }
  form.addEventListener('change', reveal)
  reveal()
}

if (box && form && L) {
  fetch(box.dataset.ground, { headers: { Accept: 'application/json' } })
    .then(answer => {
      if (!answer.ok) throw new Error(String(answer.status))
      return answer.json()
    })
    .then(start)
    .catch(() => { box.dataset.ready = 'no' })
}
