// SPDX-License-Identifier: Apache-2.0

// The Go checksum database's note and tlog packages as the other side of a round trip:
// "write DIR" makes a signed tile log and prints its key; "check DIR KEY" verifies one, record by
// record, through proofs made from its tiles; "fetch URL KEY" does so over HTTP, with the records
// from its bundles. With transparency-dev's formats: "cosign FILE NAME" adds a cosignature to a
// checkpoint and prints its key; "cosigned FILE KEY WITNESS" and "proof FILE KEY WITNESS" verify a
// checkpoint and a tlog-proof whose extra line holds the record.
package main

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	fnote "github.com/transparency-dev/formats/note"
	"github.com/transparency-dev/formats/proof"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const records = 1000

func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}

// C2SP's path: the package's own has the tile height in front.
func path(t tlog.Tile) string {
	return strings.Replace(t.Path(), "tile/8/", "tile/", 1)
}

// A file of the log, from its folder or over HTTP.
func get(base, name string) ([]byte, error) {
	if !strings.HasPrefix(base, "http://") {
		return os.ReadFile(filepath.Join(base, name))
	}
	answer, err := http.Get(strings.TrimSuffix(base, "/") + "/" + name)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != 200 {
		return nil, fmt.Errorf("%s: %s", name, answer.Status)
	}
	if want := "immutable"; name != "checkpoint" && !strings.Contains(answer.Header.Get("Cache-Control"), want) {
		return nil, fmt.Errorf("%s: not %s", name, want)
	}
	return io.ReadAll(answer.Body)
}

// The records of a log, from its entry bundles.
func bundled(base string, size int64) (out [][]byte) {
	for n := int64(0); n*256 < size; n++ {
		t := tlog.Tile{H: 8, L: 0, N: n, W: int(min(size-n*256, 256))}
		data := must(get(base, strings.Replace(path(t), "tile/0/", "tile/entries/", 1)))
		for len(data) > 0 {
			length := int(binary.BigEndian.Uint16(data))
			out = append(out, data[2:2+length])
			data = data[2+length:]
		}
	}
	return out
}

type tiles struct{ dir string }

func (r tiles) Height() int                     { return 8 }
func (r tiles) SaveTiles([]tlog.Tile, [][]byte) {}
func (r tiles) ReadTiles(ts []tlog.Tile) ([][]byte, error) {
	var out [][]byte
	for _, t := range ts {
		data, err := get(r.dir, path(t))
		if err != nil {
			return nil, err
		}
		out = append(out, data)
	}
	return out, nil
}

func check(dir, key string, record func(int64) []byte) {
	verifier := must(note.NewVerifier(key))
	n := must(note.Open(must(get(dir, "checkpoint")), note.VerifierList(verifier)))
	lines := strings.Split(n.Text, "\n")
	var tree tlog.Tree
	must(fmt.Sscan(lines[1], &tree.N))
	copy(tree.Hash[:], must(base64.StdEncoding.DecodeString(lines[2])))
	if record == nil {
		all := bundled(dir, tree.N)
		record = func(i int64) []byte { return all[i] }
	}
	reader := tlog.TileHashReader(tree, tiles{dir})
	for i := int64(0); i < tree.N; i++ {
		leaf := tlog.RecordHash(record(i))
		if err := tlog.CheckRecord(must(tlog.ProveRecord(tree.N, i, reader)), tree.N, tree.Hash, i, leaf); err != nil {
			log.Fatal(err)
		}
		if i > 0 {
			old := must(tlog.TreeHash(i, reader))
			if err := tlog.CheckTree(must(tlog.ProveTree(tree.N, i, reader)), tree.N, tree.Hash, i, old); err != nil {
				log.Fatal(err)
			}
		}
	}
	fmt.Println("checked", tree.N)
}

func write(dir string) {
	secret, public, err := note.GenerateKey(rand.Reader, "log.example/go")
	if err != nil {
		log.Fatal(err)
	}
	var stored []tlog.Hash
	read := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		var out []tlog.Hash
		for _, i := range indexes {
			out = append(out, stored[i])
		}
		return out, nil
	})
	put := func(name string, data []byte) {
		full := filepath.Join(dir, name)
		os.MkdirAll(filepath.Dir(full), 0o755)
		if err := os.WriteFile(full, data, 0o644); err != nil {
			log.Fatal(err)
		}
	}
	var bundle bytes.Buffer
	for i := int64(0); i < records; i++ {
		entry := []byte(fmt.Sprintf("entry %d", i))
		stored = append(stored, must(tlog.StoredHashes(i, entry, read))...)
		binary.Write(&bundle, binary.BigEndian, uint16(len(entry)))
		bundle.Write(entry)
		if i%256 == 255 || i == records-1 {
			name := path(tlog.Tile{H: 8, L: 0, N: i / 256, W: int(i%256) + 1})
			put(strings.Replace(name, "tile/0/", "tile/entries/", 1), bundle.Bytes())
			bundle.Reset()
		}
	}
	for _, t := range tlog.NewTiles(8, 0, records) {
		put(path(t), must(tlog.ReadTileData(t, read)))
	}
	root := must(tlog.TreeHash(records, read))
	text := fmt.Sprintf("log.example/go\n%d\n%s\n", records, base64.StdEncoding.EncodeToString(root[:]))
	put("checkpoint", must(note.Sign(&note.Note{Text: text}, must(note.NewSigner(secret)))))
	fmt.Println(public)
}

func cosign(file, name string) {
	secret, public, err := note.GenerateKey(rand.Reader, name)
	if err != nil {
		log.Fatal(err)
	}
	signer := must(fnote.NewSignerForCosignatureV1(secret))
	whole := must(os.ReadFile(file))
	n, err := note.Open(whole, note.VerifierList())
	if unverified, ok := err.(*note.UnverifiedNoteError); ok {
		n = unverified.Note
	} else if err != nil {
		log.Fatal(err)
	}
	signed := must(note.Sign(&note.Note{Text: n.Text}, signer))
	line := signed[bytes.LastIndex(signed, []byte("\n\n"))+2:]
	if err := os.WriteFile(file, append(whole, line...), 0o644); err != nil {
		log.Fatal(err)
	}
	fmt.Println(must(fnote.VKeyToCosignatureV1(public)))
}

// A checkpoint that log and witness signed; its size and root.
func cosigned(data []byte, key, witness string) (tree tlog.Tree) {
	both := note.VerifierList(must(note.NewVerifier(key)), must(fnote.NewVerifierForCosignatureV1(witness)))
	n := must(note.Open(data, both))
	if len(n.Sigs) != 2 {
		log.Fatal("signatures: ", len(n.Sigs))
	}
	for _, s := range n.Sigs {
		if strings.HasPrefix(witness, s.Name+"+") && must(fnote.CoSigV1Timestamp(s)).Year() < 2024 {
			log.Fatal("no time in the cosignature")
		}
	}
	lines := strings.Split(n.Text, "\n")
	must(fmt.Sscan(lines[1], &tree.N))
	copy(tree.Hash[:], must(base64.StdEncoding.DecodeString(lines[2])))
	return tree
}

func proven(data []byte, key, witness string) {
	var p proof.TLogProof
	if err := p.Unmarshal(data); err != nil {
		log.Fatal(err)
	}
	if !bytes.Equal(p.Marshal(), data) {
		log.Fatal("not written as it was")
	}
	tree := cosigned(p.Checkpoint, key, witness)
	var hashes tlog.RecordProof
	for _, h := range p.Hashes {
		hashes = append(hashes, tlog.Hash(h))
	}
	if err := tlog.CheckRecord(hashes, tree.N, tree.Hash, int64(p.Index), tlog.RecordHash(p.ExtraData)); err != nil {
		log.Fatal(err)
	}
	fmt.Println("proven", p.Index)
}

func main() {
	switch os.Args[1] {
	case "cosign":
		cosign(os.Args[2], os.Args[3])
	case "cosigned":
		fmt.Println("cosigned", cosigned(must(os.ReadFile(os.Args[2])), os.Args[3], os.Args[4]).N)
	case "proof":
		proven(must(os.ReadFile(os.Args[2])), os.Args[3], os.Args[4])
	case "write":
		write(os.Args[2])
	case "check":
		check(os.Args[2], os.Args[3], func(i int64) []byte { return []byte(fmt.Sprintf("entry %d", i)) })
	case "fetch":
		check(os.Args[2], os.Args[3], nil)
	}
}
