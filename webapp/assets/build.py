"""Install the locked front-end packages and copy the few files the site and its maps serve.

Run by `make assets`. Nothing copied here is committed, and nothing is fetched at run time:
npm checks every package against the integrity recorded in `package-lock.json`.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
SITE_FILES = HERE.parent / "static" / "vendor"
MAP_FILES = HERE.parent.parent / "mapping" / "publishing" / "leaflet"

# GDS Transport and the crest are not ours to use: the faces are dropped, the stack replaced.
SYSTEM_FONTS = 'system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Liberation Sans",Arial,sans-serif'


def install() -> None:
    """Install exactly what the lock file names."""
    npm = shutil.which("npm")
    if npm is None:
        sys.exit(
            "npm was not found, so the front-end files cannot be installed: install Node.js 20 or newer."
        )
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    subprocess.run(command, cwd=HERE, check=True)  # noqa: S603 - nothing from outside is in it


def without_crown(css: str) -> str:
    """Return GOV.UK Frontend's style sheet without its font, its crest and its source map."""
    css = re.sub(r"@font-face\{[^}]*\}", "", css)
    css = css.replace("GDS Transport,arial,sans-serif", SYSTEM_FONTS)
    css = re.sub(r"url\(/assets/[^)]*\)", "none", css)
    if "GDS Transport" in css or "/assets/" in css:
        sys.exit("GOV.UK Frontend's style sheet has changed: adapt `without_crown` in this file to it.")
    return without_source_map(css)


def without_source_map(text: str) -> str:
    """Drop the last line that would send a browser looking for a file we do not serve."""
    return re.sub(r"\n?(//#|/\*#) sourceMappingURL=\S+( \*/)?\s*$", "\n", text)


def plain_leaflet(css: str) -> str:
    """Drop the rules for marker images, which no map here uses, and for a browser gone since 2013."""
    css = re.sub(r"[^{}]*\{\s*behavior: url\(#default#VML\);[^}]*\}", "\n", css)
    return re.sub(r"url\(images/marker-icon\.png\)", "none", css)


def write(path: Path, text: str) -> None:
    """Write one text file, making its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def copy_leaflet(modules: Path, target: Path) -> None:
    """Copy Leaflet and its clustering plugin, with the two images that the layer control shows."""
    leaflet, cluster = modules / "leaflet", modules / "leaflet.markercluster"
    for path in (leaflet / "dist/leaflet.js", cluster / "dist/leaflet.markercluster.js"):
        write(target / path.name, without_source_map(path.read_text("utf-8")))
    write(target / "leaflet.css", plain_leaflet((leaflet / "dist/leaflet.css").read_text("utf-8")))
    (target / "images").mkdir()
    for name in ("layers.png", "layers-2x.png"):
        shutil.copyfile(leaflet / "dist/images" / name, target / "images" / name)
    shutil.copyfile(leaflet / "LICENSE", target / "LICENSE-leaflet.txt")
    shutil.copyfile(cluster / "MIT-LICENCE.txt", target / "LICENSE-markercluster.txt")


def copy_govuk(modules: Path, target: Path) -> None:
    """Copy GOV.UK Frontend's style sheet and script, made plain."""
    package = modules / "govuk-frontend"
    dist = package / "dist" / "govuk"
    write(target / "govuk-frontend.css", without_crown((dist / "govuk-frontend.min.css").read_text("utf-8")))
    write(
        target / "govuk-frontend.js", without_source_map((dist / "govuk-frontend.min.js").read_text("utf-8"))
    )


def main() -> None:
    """Install, then copy afresh."""
    install()
    modules = HERE / "node_modules"
    for folder in (SITE_FILES, MAP_FILES):
        shutil.rmtree(folder, ignore_errors=True)
    copy_govuk(modules, SITE_FILES / "govuk")
    copy_leaflet(modules, MAP_FILES)


if __name__ == "__main__":
    main()
