"""Pages, one file each: fetch, ask who may see, call one thing, render."""

from webapp.views import (
    excluded,
    home,
    hotspots,
    imports,
    intelligence,
    jobs,
    layouts,
    links,
    maps,
    places,
    runs,
    sending,
    sign_in,
    tasking,
)

BLUEPRINTS = (
    home.blueprint,
    sign_in.blueprint,
    maps.blueprint,
    hotspots.blueprint,
    intelligence.blueprint,
    tasking.blueprint,
    sending.blueprint,
    imports.blueprint,
    layouts.blueprint,
    places.blueprint,
    excluded.blueprint,
    links.blueprint,
    jobs.blueprint,
    runs.blueprint,
)
