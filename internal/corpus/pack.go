package corpus

import (
	"bytes"
	"crypto/sha1"
	"encoding/binary"
	"encoding/hex"
	"hash/crc32"
	"sort"
	"strings"
)

// The kinds of objects in a pack (gitformat-pack).
const (
	packCommit      = 1
	packTree        = 2
	packBlob        = 3
	packOffsetDelta = 6
	packRefDelta    = 7
)

// packed is one object as a pack has it.
type packed struct {
	gitObject
	base string // of a delta
	form int
}

// plantPacked makes a pack in which some secrets stand only in deltas against the versions
// that replaced them, as Git packs old versions.
func (b *builder) plantPacked(secrets []kind) {
	g := &repository{path: "srv/repos/api/.git"}
	readme := member{"README.md", "# API\n"}
	whole, byOffset, byReference := b.gitPlants(secrets, "git-pack-whole"), b.gitPlants(secrets, "git-pack-offset-delta"), b.gitPlants(secrets, "git-pack-reference-delta")
	delta := append(append([]gitPlant{}, byOffset...), byReference...)
	secretFiles, cleaned := append(membersOf(whole), readme), []member{readme}
	for _, p := range delta {
		secretFiles = append(secretFiles, member{p.name, p.text})
		cleaned = append(cleaned, member{p.name, withoutValue(p.sample)})
	}
	added := g.commit("Add settings", secretFiles)
	head := g.commit("Move secrets to the vault", cleaned, added)
	g.describe(head, "")

	// A scratch repository tells the ids of blobs.
	id := func(text string) string { return (&repository{}).add("blob", []byte(text)) }
	bases, forms := map[string]string{}, map[string]int{}
	for i, p := range delta {
		bases[id(p.text)] = id(withoutValue(p.sample))
		forms[id(p.text)] = packOffsetDelta
		if i >= len(byOffset) {
			forms[id(p.text)] = packRefDelta
		}
	}
	var objects []packed
	for _, o := range g.objects {
		form := map[string]int{"commit": packCommit, "tree": packTree, "blob": packBlob}[o.kind]
		if f, ok := forms[o.id]; ok {
			form = f
		}
		objects = append(objects, packed{o, bases[o.id], form})
	}
	// Deltas by reference may stand before their base, deltas by offset never do.
	rank := func(p packed) int { return map[int]int{packRefDelta: -1, packOffsetDelta: 1}[p.form] }
	sort.SliceStable(objects, func(i, j int) bool { return rank(objects[i]) < rank(objects[j]) })
	pack, index := packFile(objects)
	name := "objects/pack/pack-" + hex.EncodeToString(pack[len(pack)-20:])
	g.file(name+".pack", string(pack))
	g.file(name+".idx", string(index))
	b.addRepository(g)
	b.inRepository(whole, "git-pack-whole", g.path, added)
	b.inRepository(byOffset, "git-pack-offset-delta", g.path, added)
	b.inRepository(byReference, "git-pack-reference-delta", g.path, added)
}

// withoutValue is the file after somebody took the secret out.
func withoutValue(s sample) string {
	const gone = "from-the-vault"
	text := strings.ReplaceAll(s.text, s.value, gone)
	for _, f := range s.forms {
		text = strings.ReplaceAll(text, f, gone)
	}
	if text == s.text {
		return gone + "\n"
	}
	return text
}

// packFile writes a pack of version 2 and its index of version 2.
func packFile(objects []packed) (pack, index []byte) {
	be := binary.BigEndian
	pack = be.AppendUint32(be.AppendUint32([]byte("PACK"), 2), uint32(len(objects)))
	bodies := map[string][]byte{}
	for _, o := range objects {
		bodies[o.id] = o.body
	}
	var z deflater
	offsets, sums := map[string]int{}, map[string]uint32{}
	for _, o := range objects {
		start := len(pack)
		body := o.body
		if o.base != "" {
			body = gitDelta(bodies[o.base], o.body)
		}
		pack = append(pack, packHead(o.form, len(body))...)
		switch o.form {
		case packOffsetDelta:
			pack = append(pack, packOffset(start-offsets[o.base])...)
		case packRefDelta:
			id, err := hex.DecodeString(o.base)
			must(err)
			pack = append(pack, id...)
		}
		pack = append(pack, z.deflated(body)...)
		offsets[o.id], sums[o.id] = start, crc32.ChecksumIEEE(pack[start:])
	}
	sum := sha1.Sum(pack)
	pack = append(pack, sum[:]...)

	ids := make([]string, 0, len(objects))
	for _, o := range objects {
		ids = append(ids, o.id)
	}
	sort.Strings(ids)
	index = be.AppendUint32([]byte("\xfftOc"), 2)
	n := 0
	for first := range 256 {
		for n < len(ids) && strings.Compare(ids[n][:2], hex.EncodeToString([]byte{byte(first)})) <= 0 {
			n++
		}
		index = be.AppendUint32(index, uint32(n))
	}
	for _, id := range ids {
		raw, err := hex.DecodeString(id)
		must(err)
		index = append(index, raw...)
	}
	for _, id := range ids {
		index = be.AppendUint32(index, sums[id])
	}
	for _, id := range ids {
		index = be.AppendUint32(index, uint32(offsets[id]))
	}
	index = append(index, sum[:]...)
	indexSum := sha1.Sum(index)
	return pack, append(index, indexSum[:]...)
}

// packHead has the kind, and the size in pieces of four, then seven bits, the lowest first.
func packHead(form, size int) []byte {
	b := []byte{byte(form<<4 | size&15)}
	for size >>= 4; size > 0; size >>= 7 {
		b[len(b)-1] |= 0x80
		b = append(b, byte(size&0x7f))
	}
	return b
}

// packOffset is the distance to the base, big-endian; each byte but the last counts one more.
func packOffset(n int) []byte {
	b := []byte{byte(n & 0x7f)}
	for n >>= 7; n > 0; n >>= 7 {
		n--
		b = append([]byte{byte(n&0x7f) | 0x80}, b...)
	}
	return b
}

// gitDelta copies what base and target share at both ends, and inserts the rest.
func gitDelta(base, target []byte) []byte {
	head := 0
	for head < len(base) && head < len(target) && base[head] == target[head] {
		head++
	}
	tail := 0
	for tail < len(base)-head && tail < len(target)-head && base[len(base)-1-tail] == target[len(target)-1-tail] {
		tail++
	}
	number := func(n int) []byte {
		b := []byte{byte(n & 0x7f)}
		for n >>= 7; n > 0; n >>= 7 {
			b[len(b)-1] |= 0x80
			b = append(b, byte(n&0x7f))
		}
		return b
	}
	delta := bytes.Join([][]byte{number(len(base)), number(len(target))}, nil)
	copyFrom := func(offset, size int) {
		if size > 0 {
			delta = append(delta, 0x80|0x01|0x02|0x10|0x20, byte(offset), byte(offset>>8), byte(size), byte(size>>8))
		}
	}
	copyFrom(0, head)
	for rest := target[head : len(target)-tail]; len(rest) > 0; {
		n := min(len(rest), 127)
		delta = append(append(delta, byte(n)), rest[:n]...)
		rest = rest[n:]
	}
	copyFrom(len(base)-tail, tail)
	return delta
}
