package imagemake

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/binary"
)

// RustProgram is an ELF file with a section .dep-v0, as cargo-auditable documents it: a
// list of packages in JSON, compressed with zlib. There is nothing else in it.
func RustProgram(list string) string {
	var packed bytes.Buffer
	z := zlib.NewWriter(&packed)
	_, err := z.Write([]byte(list))
	must(err)
	must(z.Close())
	return ELF(map[string][]byte{".dep-v0": packed.Bytes()})
}

// NativeImage is an ELF file as GraalVM makes it of a Java program: symbols lead to a bill of
// materials in CycloneDX, compressed with gzip, and to its length. There is nothing else in it.
func NativeImage(bill string) string {
	const address = 0x1000 // of .data
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, err := z.Write([]byte(bill))
	must(err)
	must(z.Close())
	data := append(binary.LittleEndian.AppendUint64(nil, uint64(packed.Len())), packed.Bytes()...)
	names, symbols := []byte{0}, make([]byte, 24)
	for _, s := range []struct {
		name string
		at   uint64
	}{{"sbom", address + 8}, {"sbom_length", address}, {"__svm_version_info", address}} {
		symbols = binary.LittleEndian.AppendUint32(symbols, uint32(len(names)))
		symbols = append(symbols, 0x11, 0, 1, 0) // STB_GLOBAL and STT_OBJECT, in the first section
		symbols = binary.LittleEndian.AppendUint64(symbols, s.at)
		symbols = binary.LittleEndian.AppendUint64(symbols, 8)
		names = append(append(names, s.name...), 0)
	}
	return elfOf([]elfSection{
		{name: ".data", content: data, kind: shtProgbits, address: address},
		{name: ".strtab", content: names, kind: shtStrtab},
		{name: ".symtab", content: symbols, kind: shtSymtab, link: 2, entry: 24},
	})
}

// The kinds of sections.
const (
	shtProgbits = 1
	shtSymtab   = 2
	shtStrtab   = 3
)

// elfSection is a section; link is the number of another one, from 1 on.
type elfSection struct {
	name                       string
	content                    []byte
	kind, link, address, entry int
}

// ELF is a 64-bit executable for x86-64 that has sections and no code (System V ABI,
// chapter 4).
func ELF(sections map[string][]byte) string {
	var list []elfSection
	for _, name := range sorted(sections) {
		list = append(list, elfSection{name: name, content: sections[name], kind: shtProgbits})
	}
	return elfOf(list)
}

func elfOf(sections []elfSection) string {
	const headerBytes, sectionBytes = 64, 64
	all := append([]elfSection{{}}, sections...)
	all = append(all, elfSection{name: ".shstrtab", kind: shtStrtab})
	names := []byte{0}
	var nameAt []int
	for _, s := range all {
		nameAt = append(nameAt, len(names))
		names = append(append(names, s.name...), 0)
	}
	all[len(all)-1].content = names
	var body []byte
	var offsets []int
	for _, s := range all {
		offsets = append(offsets, headerBytes+len(body))
		body = append(body, s.content...)
	}
	var b bytes.Buffer
	b.WriteString("\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00")
	write := func(values ...any) {
		for _, v := range values {
			must(binary.Write(&b, binary.LittleEndian, v))
		}
	}
	write(uint16(2), uint16(62), uint32(1), uint64(0), uint64(0), uint64(headerBytes+len(body))) // ET_EXEC, EM_X86_64
	write(uint32(0), uint16(headerBytes), uint16(56), uint16(0), uint16(sectionBytes), uint16(len(all)), uint16(len(all)-1))
	b.Write(body)
	for i, s := range all {
		write(uint32(nameAt[i]), uint32(s.kind), uint64(0), uint64(s.address), uint64(offsets[i]), uint64(len(s.content)), uint32(s.link), uint32(0), uint64(1), uint64(s.entry))
	}
	return b.String()
}
