"""What can be fetched from the open web, when a person says so: ward boundaries and street-level crimes.

Nothing here is called by a page, a run or an import; only `hotspots boundaries fetch` and
`hotspots fetch` come here.
"""
