// The map on which a place is chosen. It is drawn in metres of the National Grid, so a pin is an easting and
// a northing. The list beside it works without it: this script fills boxes in and never decides anything.
const L = window.L
const box = document.querySelector('#choose-map')
const form = document.querySelector('[data-choose]')

const NUMBER_SIZE = 28
const STEP = 6 // pixels that an arrow key moves the pin; five times as many with Shift
const ACCENT = '#12436d'
const { make, wardAt, distance, pane, drawGround, drawNames, begin, load } = window.Ground

function start (ground) {
  const { map, whole } = begin(box, ground)
  const still = { animate: false }
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

if (box && form && L) load(box, start)
