// Starts GOV.UK Frontend's components, and the two small things of our own that every page may hold.
import { initAll } from './vendor/govuk/govuk-frontend.js'

document.body.classList.add('js-enabled')
if ('noModule' in HTMLScriptElement.prototype) document.body.classList.add('govuk-frontend-supported')
initAll()

// A page about a job asks how far it is, and moves on when it is over. Without this script the
// page's own "see how far it is" link does the same.
const progress = document.querySelector('[data-progress]')
if (progress) {
  const bar = progress.querySelector('progress')
  const words = progress.querySelector('[data-progress-words]')
  const ask = async () => {
    try {
      const answer = await fetch(progress.dataset.progress, { headers: { Accept: 'application/json' } })
      if (!answer.ok) throw new Error(String(answer.status))
      const job = await answer.json()
      bar.value = job.share
      if (words.textContent !== job.message) words.textContent = job.message
      if (job.is_over) {
        window.location.reload()
        return
      }
    } catch {
      words.textContent = 'The site did not answer; trying again.'
    }
    window.setTimeout(ask, 1500)
  }
  window.setTimeout(ask, 800)
}
