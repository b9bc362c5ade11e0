#!/bin/sh
# Make page.html again, the page of `dvc plots`: needs npm and the internet. The versions are the last of
# the majors that DVC's own page fetches from a CDN; their specs are Vega-Lite 5.
set -eu
vega=5.33.1 vega_lite=5.23.0 vega_embed=6.29.0
# Whose code is inside, by the source maps; vega's own package lacks its licence, vega-canvas has it.
bundled="vega-canvas vega-lite vega-embed vega-schema-url-parser vega-themes vega-tooltip d3-array
d3-color d3-delaunay d3-dispatch d3-dsv d3-force d3-format d3-geo d3-geo-projection d3-hierarchy
d3-interpolate d3-path d3-quadtree d3-scale d3-scale-chromatic d3-shape d3-time d3-time-format
d3-timer delaunator internmap robust-predicates topojson-client fast-json-patch
json-stringify-pretty-compact semver"

page=$(cd "$(dirname "$0")" && pwd)/page.html
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
cd "$work"
npm install --silent --ignore-scripts "vega@$vega" "vega-lite@$vega_lite" "vega-embed@$vega_embed"
{
  cat <<HEAD
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>DVC plots</title>
<!-- DVC fills this in: plots.html_template in .dvc/config. Made by .dvc/plots/make_page.sh of
vega $vega, vega-lite $vega_lite and vega-embed $vega_embed as npm has them, so that no network is
needed. The licences of what is inside:
HEAD
  for package in $bundled; do
    printf '\n%s\n\n' "== $package"
    cat node_modules/"$package"/LICENSE*
  done
  printf '%s\n' '-->'
  for package in vega vega-lite vega-embed; do
    printf '<script>'
    cat "node_modules/$package/build/$package.min.js"
    printf '</script>\n'
  done
  cat <<'TAIL'
<style>
body { font-family: sans-serif; margin: 1em }
body > div { margin-bottom: 2em }
</style>
</head>
<body>
{plot_divs}
</body>
</html>
TAIL
} >page.html
mv page.html "$page"
