// Gocheck holds a log of ours against golang.org/x/mod/sumdb/note and tlog, the libraries with which the go
// command verifies the checksum database. They are used as they are; what stands here only finds files.
//
//	gocheck cases FOLDER…      every check of each case, a line each: case, check, "accepted" or "refused", detail
//	gocheck audit KEY FOLDER   the root of a log from its entry bundles against its checkpoint; CPU time as JSON
//
// A case is a folder with `key` (a verifier key), `log/` (a log's files by the record's layout) and, if there are
// any, `older` (a checkpoint that the verifier has kept), `consistency` (hashes from it to the log's checkpoint, one
// a line), `proofs/<name>.tlog-proof` with `proofs/<name>.entry`, and `equivocation`.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	height = 8
	width  = 1 << height
)

func main() {
	var err error
	switch {
	case len(os.Args) > 2 && os.Args[1] == "cases":
		for _, folder := range os.Args[2:] {
			if err == nil {
				err = checkCase(folder)
			}
		}
	case len(os.Args) == 4 && os.Args[1] == "audit":
		err = audit(os.Args[2], os.Args[3])
	default:
		err = errors.New("usage: gocheck cases FOLDER… | gocheck audit KEY FOLDER")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "gocheck:", err)
		os.Exit(1)
	}
}

// checkCase runs every check that the case has files for. Only a case that cannot be read at all is an error.
func checkCase(folder string) error {
	key, err := os.ReadFile(filepath.Join(folder, "key"))
	if err != nil {
		return err
	}
	vkey := strings.TrimSuffix(string(key), "\n")
	log := filepath.Join(folder, "log")
	tell := func(check string, n int, err error) { tell(filepath.Base(folder), check, n, err) }
	has := func(name string) bool {
		_, err := os.Stat(filepath.Join(folder, name))
		return err == nil
	}

	tree, err := readCheckpoint(filepath.Join(log, "checkpoint"), vkey)
	tell("checkpoint", 1, err)
	if err == nil {
		leaves, err := checkEntries(log, tree)
		tell("entries", len(leaves), err)
		n, err := checkTiles(log, tree, leaves)
		tell("tiles", n, err)
		if has("older") {
			tell("consistency", 1, checkConsistency(folder, vkey, tree))
		}
	}
	if has("proofs") {
		n, err := checkProofs(filepath.Join(folder, "proofs"), vkey)
		tell("proofs", n, err)
	}
	if has("equivocation") {
		tell("equivocation", 1, checkEquivocation(filepath.Join(folder, "equivocation"), vkey))
	}
	return nil
}

func tell(name, check string, n int, err error) {
	if err != nil {
		fmt.Printf("%s\t%s\trefused\t%s\n", name, check, strings.ReplaceAll(err.Error(), "\n", " "))
		return
	}
	fmt.Printf("%s\t%s\taccepted\t%d\n", name, check, n)
}

// openCheckpoint opens a signed note with the log's key only, so that lines of witnesses are unknown to it, and
// reads its three lines.
func openCheckpoint(data []byte, vkey string) (tree tlog.Tree, origin string, err error) {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return tree, "", err
	}
	opened, err := note.Open(data, note.VerifierList(verifier))
	if err != nil {
		return tree, "", err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[3] != "" {
		return tree, "", errors.New("a checkpoint of ours has three lines")
	}
	if lines[0] != verifier.Name() {
		return tree, "", fmt.Errorf("checkpoint of %s, not of %s", lines[0], verifier.Name())
	}
	if tree.N, err = strconv.ParseInt(lines[1], 10, 64); err != nil {
		return tree, "", err
	}
	tree.Hash, err = tlog.ParseHash(lines[2])
	return tree, lines[0], err
}

func readCheckpoint(path, vkey string) (tlog.Tree, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return tlog.Tree{}, err
	}
	tree, _, err := openCheckpoint(data, vkey)
	return tree, err
}

// memory keeps the hashes of a growing tree by their storage index.
type memory struct {
	hashes []tlog.Hash
	found  []tlog.Hash
}

func (m *memory) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	m.found = m.found[:0]
	for _, index := range indexes {
		if index >= int64(len(m.hashes)) {
			return nil, errors.New("a hash is asked for that is not there yet")
		}
		m.found = append(m.found, m.hashes[index])
	}
	return m.found, nil
}

// eachEntry calls take with every entry under the log's bundles, in order. The bytes are those of one buffer.
func eachEntry(log string, size int64, take func(n int64, entry []byte) error) error {
	var buffer bytes.Buffer
	for first := int64(0); first < size; first += width {
		count := size - first
		if count > width {
			count = width
		}
		data, err := readBundle(&buffer, log, first/width, int(count))
		if err != nil {
			return err
		}
		n := first
		for len(data.rest) > 0 {
			entry, err := data.next()
			if err != nil {
				return fmt.Errorf("bundle of entry %d: %w", n, err)
			}
			if n < first+count {
				if err := take(n, entry); err != nil {
					return err
				}
			} else if data.exact {
				return fmt.Errorf("bundle of entry %d: more entries than its width says", first)
			}
			n++
		}
		if n < first+count {
			return fmt.Errorf("bundle of entry %d: %d entries instead of %d", first, n-first, count)
		}
	}
	return nil
}

type bundle struct {
	rest  []byte
	exact bool
}

func (b *bundle) next() ([]byte, error) {
	if len(b.rest) < 2 {
		return nil, errors.New("cut within a length")
	}
	end := 2 + (int(b.rest[0])<<8 | int(b.rest[1]))
	if end > len(b.rest) {
		return nil, errors.New("cut within an entry")
	}
	entry := b.rest[2:end]
	b.rest = b.rest[end:]
	return entry, nil
}

// readBundle reads the bundle of the width that the tree has there, or else the full one (C2SP tlog-tiles).
func readBundle(buffer *bytes.Buffer, log string, index int64, count int) (bundle, error) {
	file, err := os.Open(filepath.Join(log, "tile", "entries", indexPath(index)+partial(count)))
	exact := true
	if errors.Is(err, os.ErrNotExist) && count < width {
		file, err = os.Open(filepath.Join(log, "tile", "entries", indexPath(index)))
		exact = false
	}
	if err != nil {
		return bundle{}, err
	}
	defer file.Close()
	buffer.Reset()
	_, err = buffer.ReadFrom(file)
	return bundle{buffer.Bytes(), exact}, err
}

func partial(count int) string {
	if count == width {
		return ""
	}
	return ".p/" + strconv.Itoa(count)
}

// indexPath writes a tile's number as groups of three digits; x/mod's own spelling, without its height and level.
func indexPath(index int64) string {
	path := tlog.Tile{H: height, L: 0, N: index, W: width}.Path()
	return strings.TrimPrefix(path, "tile/8/0/")
}

// checkEntries computes the root from the entries by tlog.StoredHashes and tlog.TreeHash. It gives the leaf hashes.
func checkEntries(log string, tree tlog.Tree) ([]tlog.Hash, error) {
	var kept memory
	leaves := make([]tlog.Hash, 0, tree.N)
	err := eachEntry(log, tree.N, func(n int64, entry []byte) error {
		hashes, err := tlog.StoredHashes(n, entry, &kept)
		if err != nil {
			return err
		}
		leaves = append(leaves, hashes[0])
		kept.hashes = append(kept.hashes, hashes...)
		return nil
	})
	if err != nil {
		return nil, err
	}
	root, err := tlog.TreeHash(tree.N, &kept)
	if err != nil {
		return nil, err
	}
	if root != tree.Hash {
		return nil, errors.New("the entries lead to another root than the checkpoint states")
	}
	return leaves, nil
}

// tileFolder is a tlog.TileReader over files: x/mod's tile/8/<L>/<N> stands at tile/<L>/<N>.
type tileFolder struct{ log string }

func (f tileFolder) Height() int { return height }

func (f tileFolder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, tile := range tiles {
		path := filepath.Join(f.log, strings.Replace(tile.Path(), "tile/8/", "tile/", 1))
		data, err := os.ReadFile(path)
		if errors.Is(err, os.ErrNotExist) && tile.W < width {
			full := tile
			full.W = width
			data, err = os.ReadFile(filepath.Join(f.log, strings.Replace(full.Path(), "tile/8/", "tile/", 1)))
			if len(data) > tile.W*tlog.HashSize {
				data = data[:tile.W*tlog.HashSize]
			}
		}
		if err != nil {
			return nil, err
		}
		found = append(found, data)
	}
	return found, nil
}

func (f tileFolder) SaveTiles([]tlog.Tile, [][]byte) {}

// checkTiles reads every hash of the tree through tlog.TileHashReader, which authenticates each tile up to the
// checkpoint's root. Leaves, where known, are compared with the entries'. Then it proves and checks inclusion from
// the tiles: of every entry in a small log, of some in a large one. It gives the number of proofs checked.
func checkTiles(log string, tree tlog.Tree, leaves []tlog.Hash) (int, error) {
	reader := tlog.TileHashReader(tree, tileFolder{log})
	for first := int64(0); first < tree.N; first += width {
		end := first + width
		if end > tree.N {
			end = tree.N
		}
		var indexes []int64
		for n := first; n < end; n++ {
			indexes = append(indexes, tlog.StoredHashIndex(0, n))
		}
		hashes, err := reader.ReadHashes(indexes)
		if err != nil {
			return 0, err
		}
		for i, hash := range hashes {
			if leaves != nil && hash != leaves[first+int64(i)] {
				return 0, fmt.Errorf("the tile states another hash than entry %d has", first+int64(i))
			}
		}
	}
	step := tree.N/64 + 1
	if tree.N <= 300 {
		step = 1
	}
	checked := 0
	for n := int64(0); n < tree.N; n += step {
		hashes, err := reader.ReadHashes([]int64{tlog.StoredHashIndex(0, n)})
		if err != nil {
			return 0, err
		}
		proof, err := tlog.ProveRecord(tree.N, n, reader)
		if err != nil {
			return 0, err
		}
		if err := tlog.CheckRecord(proof, tree.N, tree.Hash, n, hashes[0]); err != nil {
			return 0, err
		}
		checked++
	}
	return checked, nil
}

func checkConsistency(folder, vkey string, tree tlog.Tree) error {
	older, err := readCheckpoint(filepath.Join(folder, "older"), vkey)
	if err != nil {
		return err
	}
	data, err := os.ReadFile(filepath.Join(folder, "consistency"))
	if err != nil {
		return err
	}
	hashes, err := parseHashes(strings.Split(strings.TrimSuffix(string(data), "\n"), "\n"))
	if err != nil {
		return err
	}
	return tlog.CheckTree(hashes, tree.N, tree.Hash, older.N, older.Hash)
}

func parseHashes(lines []string) ([]tlog.Hash, error) {
	var hashes []tlog.Hash
	for _, line := range lines {
		if line == "" && len(lines) == 1 {
			return nil, nil
		}
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return nil, err
		}
		hashes = append(hashes, hash)
	}
	return hashes, nil
}

func checkProofs(folder, vkey string) (int, error) {
	paths, err := filepath.Glob(filepath.Join(folder, "*.tlog-proof"))
	if err != nil || len(paths) == 0 {
		return 0, errors.New("no proof is there")
	}
	for _, path := range paths {
		entry, err := os.ReadFile(strings.TrimSuffix(path, ".tlog-proof") + ".entry")
		if err != nil {
			return 0, err
		}
		if err := checkProof(path, entry, vkey); err != nil {
			return 0, fmt.Errorf("%s: %w", filepath.Base(path), err)
		}
	}
	return len(paths), nil
}

// checkProof reads a proof of C2SP tlog-proof and checks it with note.Open and tlog.CheckRecord.
func checkProof(path string, entry []byte, vkey string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	head, checkpoint, found := bytes.Cut(data, []byte("\n\n"))
	lines := strings.Split(string(head), "\n")
	if !found || len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" || !strings.HasPrefix(lines[1], "index ") {
		return errors.New("this is no tlog-proof")
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[1], "index "), 10, 64)
	if err != nil {
		return err
	}
	var hashes []tlog.Hash
	if len(lines) > 2 {
		if hashes, err = parseHashes(lines[2:]); err != nil {
			return err
		}
	}
	tree, _, err := openCheckpoint(checkpoint, vkey)
	if err != nil {
		return err
	}
	if index < 0 || index >= tree.N {
		return errors.New("the index lies beyond the tree")
	}
	return tlog.CheckRecord(hashes, tree.N, tree.Hash, index, tlog.RecordHash(entry))
}

// checkEquivocation checks a proof that the log has two faces: two checkpoints signed by the log, and the
// consistency of the larger one with a root at the smaller one's size that is not the smaller one's.
func checkEquivocation(path, vkey string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	head, rest, found := bytes.Cut(data, []byte("\n\n"))
	lines := strings.Split(string(head), "\n")
	if !found || len(lines) < 2 || lines[0] != "allweather/equivocation@v1" {
		return errors.New("this is no proof of two faces")
	}
	notes := strings.SplitAfter(string(rest), "\n")
	if len(notes) != 12 || notes[5] != "\n" || notes[11] != "" {
		return errors.New("two checkpoints of five lines were expected")
	}
	small, origin, err := openCheckpoint([]byte(strings.Join(notes[:5], "")), vkey)
	if err != nil {
		return err
	}
	large, other, err := openCheckpoint([]byte(strings.Join(notes[6:], "")), vkey)
	if err != nil {
		return err
	}
	if origin != other || small.N < 1 || small.N > large.N {
		return errors.New("not two checkpoints of one log, the smaller first")
	}
	hashes, err := parseHashes(lines[1:])
	if err != nil {
		return err
	}
	if err := tlog.CheckTree(hashes[1:], large.N, large.Hash, small.N, hashes[0]); err != nil {
		return err
	}
	if hashes[0] == small.Hash {
		return errors.New("the two checkpoints agree")
	}
	return nil
}

// tower keeps a growing tree as tiles in memory, those of each level in a row. All hashing is x/mod's.
type tower struct{ rows [][]byte }

// add appends a hash to a level; a tile that becomes full gives its root to the level above.
func (t *tower) add(level int, hash tlog.Hash) error {
	if level == len(t.rows) {
		t.rows = append(t.rows, nil)
	}
	t.rows[level] = append(t.rows[level], hash[:]...)
	n := int64(len(t.rows[level]) / tlog.HashSize)
	if n%width != 0 {
		return nil
	}
	tile := tlog.Tile{H: height, L: level, N: n/width - 1, W: width}
	half := height*level + height - 1
	left, err := t.read(tile, tlog.StoredHashIndex(half, 2*tile.N))
	if err != nil {
		return err
	}
	right, err := t.read(tile, tlog.StoredHashIndex(half, 2*tile.N+1))
	if err != nil {
		return err
	}
	return t.add(level+1, tlog.NodeHash(left, right))
}

func (t *tower) read(tile tlog.Tile, index int64) (tlog.Hash, error) {
	first := int(tile.N) * width * tlog.HashSize
	return tlog.HashFromTile(tile, t.rows[tile.L][first:], index)
}

func (t *tower) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var found []tlog.Hash
	for _, index := range indexes {
		hash, err := t.read(tlog.TileForIndex(height, index), index)
		if err != nil {
			return nil, err
		}
		found = append(found, hash)
	}
	return found, nil
}

// audit opens the checkpoint and computes the root from all entry bundles, as an outsider with one key would: leaf
// hashes by tlog.RecordHash, tiles by tlog.HashFromTile, the root by tlog.TreeHash.
func audit(vkey, log string) error {
	debug.SetGCPercent(1000)
	begin := time.Now()
	tree, err := readCheckpoint(filepath.Join(log, "checkpoint"), vkey)
	if err != nil {
		return err
	}
	var kept tower
	var volume int64
	err = eachEntry(log, tree.N, func(n int64, entry []byte) error {
		volume += int64(len(entry))
		return kept.add(0, tlog.RecordHash(entry))
	})
	if err != nil {
		return err
	}
	root, err := tlog.TreeHash(tree.N, &kept)
	if err != nil {
		return err
	}
	if root != tree.Hash {
		return errors.New("the entries lead to another root than the checkpoint states")
	}
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		return err
	}
	cpu := time.Duration(used.Utime.Nano() + used.Stime.Nano())
	return json.NewEncoder(os.Stdout).Encode(map[string]any{
		"size":         tree.N,
		"root":         root.String(),
		"bytes":        volume,
		"cpu_seconds":  cpu.Seconds(),
		"wall_seconds": time.Since(begin).Seconds(),
	})
}
