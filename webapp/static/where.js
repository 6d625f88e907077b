// "Use where I am now": asks the browser for a point, after a click and never before. Without this script
// the button stays hidden and the page asks in words.
const asker = document.querySelector('[data-where]')
if (asker && 'geolocation' in navigator) {
  const button = asker.querySelector('[data-where-ask]')
  const forget = asker.querySelector('[data-where-forget]')
  const words = asker.querySelector('[data-where-words]')
  const boxes = ['longitude', 'latitude'].map(name => document.querySelector(`input[name="${name}"]`))
  const roughest = 250
  const fill = values => boxes.forEach((box, place) => { box.value = values[place] })
  const show = (said, held) => {
    words.textContent = said
    button.disabled = false
    forget.hidden = !held
  }
  const taken = ({ coords }) => {
    if (coords.accuracy > roughest) {
      show(`Your device knows this only to ${Math.round(coords.accuracy)} metres, which is too rough. Say it in words.`, false)
      return
    }
    fill([coords.longitude.toFixed(5), coords.latitude.toFixed(5)])
    show(`The point was taken, to about ${Math.max(1, Math.round(coords.accuracy))} metres.`, true)
  }
  const refused = fault => show(
    fault.code === fault.PERMISSION_DENIED
      ? 'Your browser did not allow it. Say where it was in words.'
      : 'Your device could not tell. Say where it was in words.', false)
  button.addEventListener('click', () => {
    button.disabled = true
    words.textContent = 'Asking your device …'
    navigator.geolocation.getCurrentPosition(taken, refused, { enableHighAccuracy: true, timeout: 15000 })
  })
  forget.addEventListener('click', () => {
    fill(['', ''])
    show('The point was forgotten.', false)
    button.focus()
  })
  if (boxes.every(box => box.value)) show('A point was taken before.', true)
  asker.hidden = false
}
