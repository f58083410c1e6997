#!/usr/bin/env bash
# Fetch what the tests of tests/foreign hold our logs against, into .peers (or where ALLWEATHER_PEERS says):
#
#     scripts/peers.sh              everything
#     scripts/peers.sh go python    some of: go, python, npm, vectors, polnear
#
# It installs nothing outside that folder. Each part stands alone; what could not be fetched is named at the end,
# and the tests that need it skip and say so. The test vectors come from git. On a machine without a network let
# MERKLE_GIT, CCTV_GIT and POLNEAR_GIT name clones (plain or bare) that hold the commits below.
set -euo pipefail
cd "$(dirname "$0")/.."

PEERS=${ALLWEATHER_PEERS:-$PWD/.peers}
PYTHON=${PYTHON:-.venv/bin/python}
MERKLE_GIT=${MERKLE_GIT:-https://github.com/transparency-dev/merkle}
MERKLE_COMMIT=417fb0c314750d94e53942e9f92e79b6d35915db
CCTV_GIT=${CCTV_GIT:-https://github.com/C2SP/CCTV}
CCTV_COMMIT=1e3d2860d46e94e777e1b17c7a6f2436387e3ecc
POLNEAR_GIT=${POLNEAR_GIT:-https://github.com/networkdynamics/PolNeAR}
POLNEAR_COMMIT=c3eee833c035bf7b8c84f55b58c0bf7346cfae76

go_part() { # only built here; Debian's packages golang-go and golang-golang-x-mod-dev bring compiler and sources
  local gopath=${ALLWEATHER_GOPATH:-/usr/share/gocode}
  command -v go >/dev/null || { echo "peers: go is missing: apt install golang-go golang-golang-x-mod-dev"; return 1; }
  [ -d "$gopath/src/golang.org/x/mod/sumdb/tlog" ] || {
    echo "peers: golang.org/x/mod is missing: apt install golang-golang-x-mod-dev"
    return 1
  }
  GO111MODULE=off GOTOOLCHAIN=local GOFLAGS= GOPATH=$gopath GOCACHE=$PEERS/go-build \
    go build -o "$PEERS/gocheck" ./tests/foreign/gocheck/main.go
}

python_part() { # they ask for Python 3.12 and use nothing that 3.11 lacks; cryptography is that of .venv
  rm -rf "$PEERS/python"
  "$PYTHON" -m pip install --quiet --disable-pip-version-check --no-deps --ignore-requires-python \
    --only-binary :all: --require-hashes --target "$PEERS/python" -r tests/foreign/python.txt
}

npm_part() {
  command -v npm >/dev/null || { echo "peers: npm is missing: apt install nodejs npm"; return 1; }
  rm -rf "$PEERS/npm"
  mkdir -p "$PEERS/npm"
  cp tests/foreign/sigstore/package.json tests/foreign/sigstore/package-lock.json "$PEERS/npm/"
  (cd "$PEERS/npm" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null)
}

archive() ( # source, commit, paths within it: the files, as a tar on standard output
  clone=$1
  if [ ! -d "$1" ]; then
    clone=$(mktemp -d -p "$PEERS")
    trap 'rm -rf "$clone"' EXIT
    git init --quiet --bare "$clone"
    git -C "$clone" fetch --quiet --depth 1 "$1" "$2"
  fi
  git --git-dir="$(git -C "$clone" rev-parse --absolute-git-dir)" archive "$2" "${@:3}"
)

vectors_part() {
  rm -rf "$PEERS/vectors"
  mkdir -p "$PEERS/vectors/merkle" "$PEERS/vectors/cctv"
  archive "$MERKLE_GIT" "$MERKLE_COMMIT" testdata | tar -x -C "$PEERS/vectors/merkle" --strip-components=1
  archive "$CCTV_GIT" "$CCTV_COMMIT" ed25519/ed25519vectors.json |
    tar -x -C "$PEERS/vectors/cctv" --strip-components=1
}

polnear_part() { # for benchmarks/evidence/polnear.py; it states no licence: for measuring here, never to be passed on
  rm -rf "$PEERS/polnear"
  mkdir -p "$PEERS/polnear"
  archive "$POLNEAR_GIT" "$POLNEAR_COMMIT" data/train/text data/train/attributions data/dev/text data/dev/attributions |
    tar -x -C "$PEERS/polnear" --strip-components=1
}

mkdir -p "$PEERS"
missing=()
for part in "${@:-go python npm vectors polnear}"; do
  for one in $part; do
    case $one in
      go | python | npm | vectors | polnear) ;;
      *) echo "usage: scripts/peers.sh [go] [python] [npm] [vectors] [polnear]" >&2; exit 2 ;;
    esac
    # In a shell of its own and not in a condition, so that a failing step ends its part and no other.
    set +e
    (set -e; "${one}_part") </dev/null
    failed=$?
    set -e
    if [ "$failed" -eq 0 ]; then echo "peers: $one is there"; else missing+=("$one"); fi
  done
done
[ ${#missing[@]} -eq 0 ] || { echo "peers: could not fetch ${missing[*]}; tests that need it are skipped"; exit 1; }
