package imagemake

import (
	"bytes"
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

// ELF is a 64-bit executable for x86-64 that has sections and no code (System V ABI,
// chapter 4).
func ELF(sections map[string][]byte) string {
	const headerBytes, sectionBytes = 64, 64
	type section struct{ name, offset, size, kind int }
	names := []byte{0}
	var body []byte
	list := []section{{}}
	add := func(name string, content []byte, kind int) {
		list = append(list, section{len(names), headerBytes + len(body), len(content), kind})
		names = append(append(names, name...), 0)
		body = append(body, content...)
	}
	for _, name := range sorted(sections) {
		add(name, sections[name], 1) // SHT_PROGBITS
	}
	nameOfNames := len(names)
	names = append(names, ".shstrtab\x00"...)
	list = append(list, section{nameOfNames, headerBytes + len(body), len(names), 3}) // SHT_STRTAB
	body = append(body, names...)

	var b bytes.Buffer
	b.WriteString("\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00")
	write := func(values ...any) {
		for _, v := range values {
			must(binary.Write(&b, binary.LittleEndian, v))
		}
	}
	write(uint16(2), uint16(62), uint32(1), uint64(0), uint64(0), uint64(headerBytes+len(body))) // ET_EXEC, EM_X86_64
	write(uint32(0), uint16(headerBytes), uint16(56), uint16(0), uint16(sectionBytes), uint16(len(list)), uint16(len(list)-1))
	b.Write(body)
	for _, s := range list {
		write(uint32(s.name), uint32(s.kind), uint64(0), uint64(0), uint64(s.offset), uint64(s.size), uint32(0), uint32(0), uint64(1), uint64(0))
	}
	return b.String()
}
