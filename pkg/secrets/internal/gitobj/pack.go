package gitobj

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sort"
)

// record is an object of a pack, as far as other objects may need it.
type record struct {
	offset int64 // in the pack
	at     int64 // of the compressed data in the store; -1 if they were not kept
	size   int64 // uncompressed; of the delta if it is one
	base   int32 // the record a delta starts from; noRecord if that is named by its ID, or does not exist
	child  int32 // the first delta that starts from this one
	next   int32 // the next delta that starts from the same base
	kind   Kind
}

const noRecord = -1

// packReader reads one pack.
type packReader struct {
	c       *Collector
	sink    sink
	src     *packSource
	ids     *idHash
	records []record
	whole   []int32      // the records that are no deltas
	wholeID []ID         // and their IDs
	named   map[ID]int32 // by the ID of a base: the first delta that starts from it
	deltas  int64
	failed  failures // of deltas
}

// readPack reads a pack (gitformat-pack(5)): in a first pass whole objects are handed on
// and deltas counted, then deltas are resolved from what was kept.
func (c *Collector) readPack(in io.Reader, to sink) {
	p := &packReader{c: c, sink: to, ids: newIDHash(to.format), named: map[ID]int32{}}
	p.src = newPackSource(in, c.wide, to.format, c.limits.Pack)
	left, err := p.objects()
	intact := err == nil && p.src.whole()
	switch {
	case errors.Is(err, errTooMuch):
		c.remark(to.path, ReasonLimit, err.Error(), true, left)
	case err != nil:
		c.remark(to.path, ReasonCorrupt, err.Error(), true, left)
	case !intact:
		c.remark(to.path, ReasonCorrupt, "the checksum at the pack's end is wrong or not at the end", false, 0)
	}
	p.resolve()
	p.report()
}

// objects goes through the pack. On an error it says how many objects were not reached.
func (p *packReader) objects() (left int64, _ error) {
	var head [12]byte
	if _, err := io.ReadFull(p.src, head[:]); err != nil {
		return 0, errors.New("reading the pack: it ends within its header")
	}
	if string(head[:4]) != "PACK" {
		return 0, errors.New("reading the pack: it does not begin as one")
	}
	if v := binary.BigEndian.Uint32(head[4:]); v != 2 && v != 3 {
		return 0, fmt.Errorf("reading the pack: version %d is not known", v)
	}
	count := int64(binary.BigEndian.Uint32(head[8:]))
	for i := range count {
		if err := p.c.allow(0); err != nil {
			return count - i, err
		}
		if i >= p.c.limits.Objects {
			return count - i, errTooMuch
		}
		offset := p.src.offset()
		if err := p.object(offset); err != nil {
			return count - i, fmt.Errorf("reading the pack: the object at byte %d: %w", offset, err)
		}
	}
	return 0, nil
}

// object reads the next object and its compressed data.
func (p *packReader) object(offset int64) error {
	r := record{offset: offset, at: -1, base: noRecord, child: noRecord, next: noRecord}
	var err error
	if r.kind, r.size, err = p.header(); err != nil {
		return err
	}
	var baseID ID
	switch r.kind {
	case Commit, Tree, Blob, Tag:
	case offsetDelta:
		r.base, err = p.offsetBase(offset)
	case referenceDelta:
		_, err = io.ReadFull(p.src, baseID[:p.sink.format.bytes()])
	default:
		err = fmt.Errorf("its kind is %d, which there is not", r.kind)
	}
	if err != nil {
		return err
	}
	large := r.size > p.c.limits.Object
	if large {
		p.src.skip()
	}
	begin := p.src.offset()
	if !p.src.store.off && !p.src.store.full {
		r.at = p.src.position()
	}
	id, err := p.content(r, large)
	if err != nil {
		return err
	}
	if large {
		p.src.keep()
	} else if r.at >= 0 && r.at+p.src.offset()-begin > p.src.store.size {
		r.at = -1
	}
	p.add(r, id, baseID)
	return nil
}

// header reads an object's kind and size.
func (p *packReader) header() (Kind, int64, error) {
	b, err := p.src.ReadByte()
	if err != nil {
		return 0, 0, short(io.ErrUnexpectedEOF)
	}
	kind, size := Kind(b>>4&7), int64(b&0x0f)
	for shift := 4; b&0x80 != 0; shift += 7 {
		if b, err = p.src.ReadByte(); err != nil {
			return 0, 0, short(io.ErrUnexpectedEOF)
		}
		if shift > 53 {
			return 0, 0, errors.New("its size has too many digits")
		}
		size |= int64(b&0x7f) << shift
	}
	return kind, size, nil
}

// offsetBase reads how far before the delta its base is, and finds that. A base
// that is no object's start makes a delta that cannot be resolved, no more.
func (p *packReader) offsetBase(offset int64) (int32, error) {
	var text []byte
	for {
		b, err := p.src.ReadByte()
		if err != nil {
			return noRecord, short(io.ErrUnexpectedEOF)
		}
		text = append(text, b)
		if b&0x80 == 0 {
			break
		}
		if len(text) == 9 {
			return noRecord, errors.New("the offset of its base has too many digits")
		}
	}
	back, _ := offsetVarint(text)
	if back == 0 || back > uint64(offset) {
		return noRecord, nil
	}
	at := offset - int64(back)
	i := sort.Search(len(p.records), func(i int) bool { return p.records[i].offset >= at })
	if i == len(p.records) || p.records[i].offset != at {
		return noRecord, nil
	}
	return int32(i), nil
}

// content reads the compressed data. It hands a whole object on, and gives its ID.
func (p *packReader) content(r record, large bool) (id ID, err error) {
	c := p.c
	if err := c.allow(r.size); err != nil {
		return id, err
	}
	c.z.reset(p.src.Reader)
	isDelta := r.kind == offsetDelta || r.kind == referenceDelta
	switch {
	case large && isDelta:
		err = c.z.copyTo(io.Discard, c.scratch, r.size)
		c.spend(r.size)
		p.failed.tooLarge++
	case large:
		id, err = c.large(p.sink, r.kind, r.size, p.ids)
	default:
		c.content, err = c.z.whole(c.content, r.size)
		c.spend(int64(len(c.content)))
		if err == nil && !isDelta {
			id = p.ids.of(r.kind, c.content)
			c.object(p.sink, r.kind, id, c.content)
		}
	}
	return id, err
}

// add keeps the record, linked to its base.
func (p *packReader) add(r record, id, baseID ID) {
	n := int32(len(p.records))
	switch r.kind {
	case offsetDelta:
		p.deltas++
		if r.base != noRecord {
			r.next = p.records[r.base].child
			p.records[r.base].child = n
		}
	case referenceDelta:
		p.deltas++
		r.next = noRecord
		if first, ok := p.named[baseID]; ok {
			r.next = first
		}
		p.named[baseID] = n
	default:
		p.whole = append(p.whole, n)
		p.wholeID = append(p.wholeID, id)
	}
	p.records = append(p.records, r)
}
