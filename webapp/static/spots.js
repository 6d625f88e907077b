// Places of a list drawn beside it: [data-spot] says where, how far and how; the same mark on both sides.
// With a box to type a point into, a click on the map fills it in. Nothing is decided here.
const L = window.L
const box = document.querySelector('#spots-map')
const { make, pane, drawGround, drawNames, begin, load } = window.Ground
const ACCENT = '#12436d'
const INK = '#0b0c0c'
const SIZE = 28

// left out: crossed; doubted: dashed, with a mark; suggested: a letter; a report: a letter on the accent colour
const looks = {
  exclusion: { className: 'set-apart-mark', colour: INK },
  caution: { className: 'set-apart-mark set-apart-mark--caution', colour: INK, dashArray: '4 4' },
  suggested: { className: 'hotspot-number hotspot-number--recorded', colour: ACCENT, dashArray: '4 4' },
  report: { className: 'hotspot-number', colour: ACCENT }
}

function start (ground) {
  const { map, whole } = begin(box, ground)
  const still = { animate: false }
  const items = Array.from(document.querySelectorAll('[data-spot]')).filter(item => item.dataset.easting)
  const spots = items.map(item => ({
    item,
    look: looks[item.dataset.spot],
    mark: item.dataset.mark || '',
    name: item.dataset.name || '',
    at: L.latLng(Number(item.dataset.northing), Number(item.dataset.easting)),
    radius: Number(item.dataset.radius) || 0
  }))
  if (spots.length) {
    const seen = L.latLngBounds([])
    spots.forEach(({ at, radius }) => seen.extend([at.lat - radius, at.lng - radius]).extend([at.lat + radius, at.lng + radius]))
    map.fitBounds(seen.pad(0.35), { ...still, maxZoom: 0.5 })
  } else map.fitBounds(whole, still)
  drawGround(map, ground)
  pane(map, 'reach', 420, false)
  pane(map, 'numbers', 640, true)
  const mark = (spot, on) => {
    spot.marker.getElement().classList.toggle('hotspot-number--active', on)
    spot.marker.setZIndexOffset(on ? 1000 : 0)
    if (spot.circle) spot.circle.setStyle({ weight: on ? 4 : 1.5 })
    spot.item.classList.toggle('is-active', on)
  }
  spots.forEach(spot => {
    if (spot.radius) {
      spot.circle = L.circle(spot.at, { pane: 'reach', radius: spot.radius, color: spot.look.colour, weight: 1.5, dashArray: spot.look.dashArray, fillColor: spot.look.colour, fillOpacity: 0.06, interactive: false }).addTo(map)
    }
    spot.marker = L.marker(spot.at, {
      pane: 'numbers', title: spot.name, keyboard: false, riseOnHover: true,
      icon: L.divIcon({ html: make('span', '', spot.mark), className: spot.look.className, iconSize: [SIZE, SIZE] })
    }).addTo(map)
    for (const [event, on] of [['mouseenter', true], ['mouseleave', false], ['focusin', true], ['focusout', false]]) {
      spot.item.addEventListener(event, () => mark(spot, on))
    }
    spot.marker.on('mouseover', () => mark(spot, true))
    spot.marker.on('mouseout', () => mark(spot, false))
    spot.marker.on('click', () => {
      const target = spot.item.querySelector('a, button')
      if (target) target.focus()
    })
  })
  document.querySelectorAll('[data-show-spot]').forEach(button => {
    const spot = spots.find(one => one.item.contains(button))
    if (spot) button.addEventListener('click', () => map.setView(spot.at, Math.max(map.getZoom(), -0.5), still))
  })
  drawNames(map, ground)
  givePoint(map)
  box.dataset.ready = 'yes'
}

// A point typed or clicked: the circle around it is what will be set apart.
function givePoint (map) {
  const where = document.querySelector('input#where')
  const radius = document.querySelector('input#radius')
  if (!where || !radius) return
  const typed = /^\s*(\d{4,6})(?:\.\d+)?\s*,\s*(\d{4,7})(?:\.\d+)?\s*$/
  let pin = null
  const draw = () => {
    const found = typed.exec(where.value)
    if (!found) return
    const at = L.latLng(Number(found[2]), Number(found[1]))
    const reach = Math.min(Number(radius.value) || 0, 500)
    if (pin) pin.remove()
    pin = L.layerGroup([
      L.circle(at, { pane: 'reach', radius: reach, color: INK, weight: 2, fillColor: INK, fillOpacity: 0.1, interactive: false }),
      L.circleMarker(at, { pane: 'reach', radius: 4, color: '#ffffff', weight: 2, fillColor: INK, fillOpacity: 1, interactive: false })
    ]).addTo(map)
    if (!map.getBounds().pad(-0.1).contains(at)) map.setView(at, Math.max(map.getZoom(), -1), { animate: false })
  }
  map.on('click', event => {
    where.value = `${Math.round(event.latlng.lng)}, ${Math.round(event.latlng.lat)}`
    draw()
  })
  where.addEventListener('change', draw)
  radius.addEventListener('change', draw)
  draw()
  const given = typed.exec(where.value)
  if (given) map.setView(L.latLng(Number(given[2]), Number(given[1])), -0.5, { animate: false })
}

if (box && L) load(box, start)
